import { describe, expect, it } from "vitest";
import { readAddress, writeAddress, type Address } from "./address";

const nothing: Address = { lang: null, view: null, site: null, scenario: null, weights: null, plot: null };

describe("the address", () => {
  it("gives back what it was given", () => {
    const address: Address = {
      lang: "km",
      scenario: "near-work",
      view: { zoom: 12.5, lat: 11.55, lon: 104.92 },
      site: "P-001/២",
      weights: new Map([
        ["flood", 300],
        ["school", 700],
      ]),
      plot: [
        [104.86, 11.56],
        [104.861, 11.56],
        [104.861, 11.561],
      ],
    };
    expect(readAddress(writeAddress(address))).toEqual(address);
    expect(writeAddress(address)).toContain("weights=flood:300,school:700");
  });

  it("ignores what makes no sense instead of breaking the page", () => {
    expect(readAddress("")).toEqual(nothing);
    expect(readAddress("#map=1/2")).toEqual(nothing);
    expect(readAddress("#map=99/400/x&weights=a:b")).toEqual(nothing);
    expect(readAddress("#plot=104.8,11.5:104.9,11.5")).toEqual(nothing);
    expect(readAddress("#plot=104.8,11.5:104.9,11.5:somewhere")).toEqual(nothing);
  });
});
