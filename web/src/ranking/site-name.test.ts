import { describe, expect, it } from "vitest";
import { siteName } from "./site-name";

const named = {
  sites: { khan: ["1205", "1205", null], sangkat: ["120510", null, null], number: [2, 1, 1] },
  places: { "1205": { en: "Dangkao", km: "ដង្កោ" }, "120510": { en: "Prey Sa", km: "ព្រៃស" } },
  elsewhere: { 2: { en: "1.2 km north-east of Prey Sa", km: "ចម្ងាយ 1.2 គម ទិសជើង-កើត ពី ព្រៃស" } },
};

describe("what people call a site", () => {
  it("is its sangkat or khan with a number, and beyond both the way from the nearest place", () => {
    expect([0, 1, 2].map((i) => siteName(named, i)?.en)).toEqual([
      "Prey Sa 2",
      "Dangkao 1",
      "1.2 km north-east of Prey Sa",
    ]);
    expect(siteName(named, 2)?.km).toBe("ចម្ងាយ 1.2 គម ទិសជើង-កើត ពី ព្រៃស");
  });

  it("has one system of digits, that of the place's own name", () => {
    const market = { ...named, places: { ...named.places, "120510": { en: "Market Ti 1", km: "ផ្សារទី ១" } } };
    market.sites = { ...named.sites, number: [20, 1, 1] };
    expect(siteName(market, 0)).toEqual({ en: "Market Ti 1 20", km: "ផ្សារទី ១ ២០" });
    expect(siteName(named, 0)?.km).toBe("ព្រៃស 2");
  });

  it("is nothing for a row that is not there", () => {
    expect(siteName(named, 3)).toBeNull();
  });
});
