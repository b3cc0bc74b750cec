import { describe, expect, it } from "vitest";
import { coordinates } from "./coordinates";
import { fromUtm } from "./utm";

const city: [number, number, number, number] = [104.7, 11.4, 105.1, 11.75];

describe("typed coordinates", () => {
  it.each([
    "11.55, 104.92",
    "104.92 11.55",
    "11.55°N, 104.92°E",
    "N 11.55 E 104.92",
    "104.92E 11.55N",
    "១១.៥៥, ១០៤.៩២",
    "11° 33' 00\" N 104° 55' 12\" E",
    "11°33′0″N, 104°55′12″E",
    "11°33.0'N 104°55.2'E",
    "11°33'00'' 104°55'12''",
  ])("%s", (text) => {
    const point = coordinates(text, city);
    expect(point?.lat).toBeCloseTo(11.55, 9);
    expect(point?.lon).toBeCloseTo(104.92, 9);
  });

  // PROJ 9 gives 491277.0921 1276795.5255 in EPSG:32648 for 104.92 11.55.
  it.each([
    "491277.0921 1276795.5255",
    "48P 491277.0921 1276795.5255",
    "48N 491277.0921 1276795.5255",
    "491277.0921mE 1276795.5255mN",
    "491277.0921, 1276795.5255",
  ])("%s", (text) => {
    const point = coordinates(text, city);
    expect(point?.lat).toBeCloseTo(11.55, 8);
    expect(point?.lon).toBeCloseTo(104.92, 8);
  });

  it.each([
    "48.2, 16.4",
    "1209",
    "11.55",
    "Phnom Penh 11",
    "11.55N 104.92N",
    "11°75'N 104°E",
    "11.55 104.92 3",
    "BKK1",
  ])("%s is no place here", (text) => expect(coordinates(text, city)).toBeNull());

  it("turns metres of a zone's middle into its meridian", () => {
    const { lon, lat } = fromUtm(48, 500_000, 0);
    expect(lon).toBeCloseTo(105, 12);
    expect(lat).toBeCloseTo(0, 12);
  });
});
