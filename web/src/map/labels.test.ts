import { describe, expect, it } from "vitest";
import { largestMiddle } from "./labels";

const ring = (...points: [number, number][]) => points.map(([x, y]) => ({ x, y }));

describe("the middle of a place", () => {
  it("is the centroid of its largest part", () => {
    const small = ring([0, 0], [1, 0], [1, 1], [0, 1]);
    const large = ring([10, 0], [14, 0], [14, 4], [10, 4]);
    expect(largestMiddle([small, large])).toEqual({ x: 12, y: 2, area: 16 });
  });

  it("lies inside a place that bends around its own centroid", () => {
    const bent = ring([0, 0], [10, 0], [10, 2], [2, 2], [2, 8], [10, 8], [10, 10], [0, 10]);
    expect(largestMiddle([bent])).toMatchObject({ x: 1, y: 5 });
  });
});
