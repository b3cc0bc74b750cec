import { describe, expect, it } from "vitest";
import { positionOn, STOPS, stopsOf } from "./stops";

const order = (scores: number[]) => ({
  score: Float64Array.from(scores),
  order: Uint32Array.from(scores.map((_, i) => i).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0))),
  ranked: scores.length,
  behind: 0,
});

describe("stops of the colour ramp", () => {
  it("put equally many sites between each two, and rise", () => {
    const stops = stopsOf(order(Array.from({ length: 101 }, (_, i) => (i / 100) ** 0.2)));
    expect(stops).toHaveLength(STOPS);
    expect([...stops].sort((a, b) => a - b)).toEqual(stops);
    expect(stops[5]).toBe(1);
    expect(stops[3]).toBeCloseTo(0.6 ** 0.2);
  });

  it("give the best site the darkest colour and the worst the lightest", () => {
    const stops = stopsOf(order([0.2, 0.5, 0.6, 0.9, 0.7]));
    expect(positionOn(stops, 0.9)).toBe(1);
    expect(positionOn(stops, 0.2)).toBe(0);
    expect(positionOn(stops, 0.65)).toBeGreaterThan(positionOn(stops, 0.55));
  });

  it("rise where some stand behind with better scores", () => {
    const score = Float64Array.from([0.3, 0.9, 0.2, 0.8]);
    const stops = stopsOf({ score, order: Uint32Array.from([0, 2, 1, 3]), ranked: 4, behind: 2 });
    expect([...stops].sort((a, b) => a - b)).toEqual(stops);
    expect(stops[5]).toBe(0.9);
  });

  it("cope with sites that are all alike, with one, and with none", () => {
    for (const scores of [[0.5, 0.5, 0.5], [0.5], []]) {
      expect(Number.isFinite(positionOn(stopsOf(order(scores)), 0.5))).toBe(true);
    }
  });
});
