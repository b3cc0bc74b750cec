import { describe, expect, it } from "vitest";
import { crosses, polygon, settled, type Corner } from "./ring";

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
