import { describe, expect, it } from "vitest";
import { areaOf, crosses, polygon, settled, type Corner } from "./ring";

const square: Corner[] = [
  [0, 0],
  [2, 0],
  [2, 2],
  [0, 2],
];

describe("a ring drawn by hand", () => {
  it("does not cross itself when it is a square, drawn either way round", () => {
    expect(crosses(square)).toBe(false);
    expect(crosses([...square].reverse())).toBe(false);
  });

  it("crosses itself when it is a bow tie", () => {
    expect(crosses([square[0], square[2], square[1], square[3]] as Corner[])).toBe(true);
  });

  it("crosses itself when a corner lies on another edge", () => {
    expect(crosses([...square, [1, 0]])).toBe(true);
  });

  it("is closed and runs with its inside to the left", () => {
    expect(polygon(square).coordinates[0]).toEqual([...square, square[0]]);
    expect(polygon([...square].reverse()).coordinates[0]).toEqual([...square, square[0]]);
  });

  it("keeps a centimetre and no more", () => {
    expect(settled([104.123456789, 11.1])).toEqual([104.1234568, 11.1]);
  });
});

describe("the area of a plot in degrees", () => {
  it("is that on the ellipsoid, whichever way round it is drawn", () => {
    // A quadrangle of the graticule has an exact area: this one, by the authalic latitude.
    const plot: Corner[] = [
      [104.86, 11.56],
      [104.861, 11.56],
      [104.861, 11.5611],
      [104.86, 11.5611],
    ];
    const exact = stripArea(11.56, 11.5611) * 0.001;
    expect(areaOf(plot) / exact).toBeCloseTo(1, 5);
    expect(areaOf([...plot].reverse())).toBeCloseTo(areaOf(plot), 6);
    expect(areaOf([])).toBe(0);
  });

  /** Area in m² of a strip one degree of longitude wide between two latitudes, exactly. */
  function stripArea(from: number, to: number): number {
    const [a, e2] = [6_378_137, 0.006_694_379_990_14];
    const e = Math.sqrt(e2);
    const q = (lat: number) => {
      const sine = Math.sin((lat * Math.PI) / 180);
      return (1 - e2) * (sine / (1 - e2 * sine * sine) - Math.log((1 - e * sine) / (1 + e * sine)) / (2 * e));
    };
    return ((Math.PI / 180) * a * a * (q(to) - q(from))) / 2;
  }
});
