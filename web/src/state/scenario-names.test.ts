import { describe, expect, it } from "vitest";
import { isName, nameFrom, tidied } from "./scenario-names";

describe("the name of a saved scenario", () => {
  it("comes from its title and is not taken", () => {
    expect(nameFrom("Near work, 2027", [])).toBe("near-work-2027");
    expect(nameFrom("Près du marché", [])).toBe("pres-du-marche");
    expect(nameFrom("Near work", ["near-work", "near-work-2"])).toBe("near-work-3");
  });

  it("is made up where the title has no Latin letters", () => {
    expect(nameFrom("ជិតការងារ", [])).toBe("scenario-2");
    expect(nameFrom("ជិតការងារ", ["scenario-2"])).toBe("scenario-3");
  });

  it("always fits into an address", () => {
    for (const title of ["", "../secret", "a".repeat(300), "–––", "  a  b  "]) {
      expect(isName(nameFrom(title, [])), title).toBe(true);
    }
    expect(isName("a b")).toBe(false);
    expect(isName("")).toBe(false);
    expect(isName("a".repeat(65))).toBe(false);
  });
});

describe("the weights of a saved scenario", () => {
  const scenario = (...weights: number[]) => ({
    title: { en: "", km: "" },
    criterion: weights.map((weight, n) => ({
      id: String(n),
      label: { en: "", km: "" },
      measure: { kind: "area" },
      value: { kind: "linear", worst: 0, best: 1 },
      weight,
    })),
  });
  const weights = (...given: number[]) => tidied(scenario(...given)).criterion.map(({ weight }) => weight);

  it("are written as people write them", () => {
    expect(weights(0.1, 0.2, 0.7)).toEqual([10, 20, 70]);
    expect(weights(0.18260869565217391, 0.8173913043478261)).toEqual([18.2609, 81.7391]);
  });

  it("are left alone where they are on a scale of their own", () => {
    expect(weights(18, 8, 12)).toEqual([18, 8, 12]);
  });
});
