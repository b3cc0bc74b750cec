import { describe, expect, it } from "vitest";
import { NOWHERE, readAddress, unreadable, writeAddress, type Address } from "./address";

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
      plot: {
        corners: [
          [104.86, 11.56],
          [104.861, 11.56],
          [104.861, 11.561],
        ],
        name: "ដីស្រែ, half: north",
        tenure: "soft_title",
        price: 12.5,
      },
      draw: true,
      layers: {
        visible: new Map([
          ["roads", 1],
          ["flood_100", 0.6],
        ]),
        sites: 0,
      },
      compare: ["P-001/២", "a,b&c"],
      desk: "sure:ranks:order",
      against: "default",
    };
    expect(readAddress(writeAddress(address))).toEqual(address);
    expect(writeAddress(address)).toContain("weights=flood:300,school:700");
    expect(unreadable(writeAddress(address))).toEqual([]);
  });

  it("carries the plots that are open without one that is looked at, and a map without any layer", () => {
    for (const part of [
      { draw: true },
      { layers: { visible: new Map<string, number>(), sites: 1 } },
      { compare: ["one"] },
    ]) {
      const address: Address = { ...NOWHERE, ...part };
      expect(readAddress(writeAddress(address))).toEqual(address);
    }
  });

  it("takes no more sites into a comparison than it holds, and none twice", () => {
    expect(readAddress("#compare=a&compare=b&compare=a&compare=c&compare=d&compare=e").compare).toEqual([
      "a",
      "b",
      "c",
      "d",
    ]);
  });

  it("ignores what makes no sense instead of breaking the page, and says which part it was", () => {
    expect(readAddress("")).toEqual(NOWHERE);
    expect(readAddress("#panel")).toEqual(NOWHERE);
    expect(unreadable("#panel")).toEqual([]);
    for (const [hash, part] of [
      ["#map=1/2", "map"],
      ["#map=99/400/x", "map"],
      ["#weights=a:b", "weights"],
      ["#layers=roads:far", "layers"],
      ["#layers=roads:1:2", "layers"],
      ["#layers=roads:", "layers"],
      ["#plot=104.8,11.5:104.9,11.5", "plot"],
      ["#plot=104.8,11.5:104.9,11.5:somewhere", "plot"],
    ] as const) {
      expect({ ...readAddress(hash), draw: false }, hash).toEqual(NOWHERE);
      expect(unreadable(hash), hash).toEqual([part]);
    }
  });
});
