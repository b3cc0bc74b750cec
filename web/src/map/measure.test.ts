import { describe, expect, it } from "vitest";
import { lengthOf, measured, type Spot } from "./measure";
import { areaOf } from "./ring";

describe("measuring on the map", () => {
  // A kilometre square on UTM 48N near Phnom Penh, its corners in degrees by PROJ 9.
  const square: Spot[] = [
    [104.917246, 11.55],
    [104.926413, 11.55],
    [104.926413, 11.559042],
    [104.917246, 11.559042],
  ];

  it("gives a kilometre for a kilometre, within half a per cent", () => {
    expect(Math.abs(lengthOf(square.slice(0, 2)) / 1000 - 1)).toBeLessThan(0.005);
    expect(Math.abs(lengthOf(square) / 3000 - 1)).toBeLessThan(0.007);
    expect(Math.abs(areaOf(square) / 1_000_000 - 1)).toBeLessThan(0.01);
    expect(areaOf([...square].reverse())).toBeCloseTo(areaOf(square), 3);
  });

  it("is nothing for nothing", () => {
    expect(lengthOf([])).toBe(0);
    expect(lengthOf(square.slice(0, 1))).toBe(0);
    expect(measured([], false)).toEqual([]);
    expect(measured(square, true)[0]?.geometry.type).toBe("Polygon");
  });
});
