import { describe, expect, it } from "vitest";
import { initials, romanised } from "./romanised";

describe("names in Latin letters", () => {
  it.each([
    ["Tuol Kouk", "Toul Kork", "Tuol Kok", "toulkork"],
    ["Doun Penh", "Daun Penh", "Don Penh"],
    ["Russey Keo", "Ruessei Kaev", "Russei Keo"],
    ["Saen Sokh", "Sen Sok", "Saensokh"],
    ["Pou Saen Chey", "Porsenchey", "Pur SenChey"],
    ["Chraoy Chongvar", "Chroy Changvar", "Chrouy Changva"],
    ["Boeng Keng Kang Ti Muoy", "Boeung Keng Kang 1"],
    ["Stueng Mean Chey", "Stung Meanchey"],
    ["Preaek Pnov", "Prek Phnov", "Prek Pnov"],
    ["Chbar Ampov", "Chhbar Ampov"],
    ["Phsar Thmei", "Psar Thmey"],
    ["Voat Phnum", "Wat Phnom"],
    ["Dangkao", "Dangkor"],
  ])("%s is found as %s", (official, ...others) => {
    for (const other of others) expect(romanised(other), other).toBe(romanised(official));
  });

  it.each([
    ["Tuol Sangkae", "Tuol Tumpung"],
    ["Preaek Lieb", "Preaek Pra"],
    ["Boeng Kak Ti Muoy", "Boeng Kak Ti Pir"],
    ["Kakab", "Kantaok"],
  ])("%s is not %s", (a, b) => expect(romanised(a)).not.toBe(romanised(b)));

  it("knows the short names of quarters", () => {
    expect(initials("Boeng Keng Kang Ti Muoy")).toBe("bkk1");
    expect(initials("Tuol Tumpung Ti Pir")).toBe("tt2");
    expect(initials("Dangkao")).toBe("");
  });
});
