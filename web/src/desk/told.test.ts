import { describe, expect, it } from "vitest";
import { deskEn } from "../i18n/desk-en";
import { deskKm } from "../i18n/desk-km";
import { locale } from "../i18n/locale.svelte";
import { factLabel, valueLabel, type Told } from "./told";

const told: Told = {
  t: deskEn,
  site: (id) => (id === "s1" ? "Site 1" : id),
  place: (code) => (code === "121104" ? "Ponhea Pon" : code),
};

describe("facts and values", () => {
  it("are told by names, not by codes", () => {
    expect(valueLabel(told, "121104", "dwelling.sangkat")).toBe("Ponhea Pon");
    expect(valueLabel(told, "s1", "placement.site")).toBe("Site 1");
    expect(valueLabel(told, "no_show", "referrals/e1/answer")).toBe("Did not come");
    expect(valueLabel(told, ["seeing", "walking"], "members/m/difficulty")).toBe("seeing, walking");
    expect(valueLabel(told, null, "size")).toBe("Not known");
  });

  it("have names in both languages", () => {
    locale.lang = "km";
    expect(factLabel(deskKm, "placement.plot")).toBe("ដីឡូត៍");
    locale.lang = "en";
    expect(factLabel(deskEn, "placement.plot")).toBe("Plot");
    expect(factLabel(deskEn, "consent.follow_up")).toBe("Consent: Visits after the move");
    expect(factLabel(deskEn, "members/00000000-0000-4000-8000-000000000001/birth_year")).toBe("Year of birth");
    expect(factLabel(deskEn, "a_new.question")).toBe("a new › question");
  });
});
