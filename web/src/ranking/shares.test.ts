import { describe, expect, it } from "vitest";
import { ceiling, movable, normalised, percentages, withShare } from "./shares";

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
const open = [false, false, false, false];

describe("shares of the weights", () => {
  it("scales any weights to a whole", () => {
    expect(normalised([3, 1])).toEqual([0.75, 0.25]);
    expect(normalised([0, 0, 0, 0])).toEqual([0.25, 0.25, 0.25, 0.25]);
    expect(normalised([Number.NaN, -1, 2])).toEqual([0, 0, 1]);
  });

  it("lets the others give way in proportion", () => {
    const next = withShare([0.4, 0.3, 0.2, 0.1], open, 0, 0.7);
    expect(next[0]).toBeCloseTo(0.7);
    expect(next.slice(1)).toEqual([expect.closeTo(0.15), expect.closeTo(0.1), expect.closeTo(0.05)]);
  });

  it("never touches a locked share, and cannot take what it holds", () => {
    const locked = [false, true, false, false];
    const next = withShare([0.4, 0.3, 0.2, 0.1], locked, 0, 1);
    expect(ceiling([0.4, 0.3, 0.2, 0.1], locked, 0)).toBeCloseTo(0.7);
    expect(next[1]).toBe(0.3);
    expect(next[0]).toBeCloseTo(0.7);
    expect(sum(next)).toBeCloseTo(1);
  });

  it("refuses to move a locked share, or the only unlocked one", () => {
    expect(movable([true, false, false], 0)).toBe(false);
    expect(movable([false, true, true], 0)).toBe(false);
    expect(withShare([0.5, 0.3, 0.2], [false, true, true], 0, 0.9)).toEqual([0.5, 0.3, 0.2]);
  });

  it("comes back from 100 % by sharing equally", () => {
    const all = withShare([0.5, 0.5, 0], [false, false, false], 0, 1);
    expect(all).toEqual([1, 0, 0]);
    expect(withShare(all, [false, false, false], 0, 0.5)).toEqual([0.5, 0.25, 0.25]);
  });

  it("adds up to one after any run of drags", () => {
    let shares = [0.25, 0.25, 0.25, 0.25];
    let seed = 1;
    const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    for (let step = 0; step < 2000; step += 1) {
      const locked = open.map(() => random() < 0.2);
      shares = withShare(shares, locked, Math.floor(random() * 4), random() * 1.4 - 0.2);
      expect(sum(shares)).toBeCloseTo(1, 9);
      expect(shares.every((share) => share >= 0)).toBe(true);
    }
  });

  it("shows whole percentages that add up to 100", () => {
    expect(percentages([1, 1, 1])).toEqual([34, 33, 33]);
    expect(sum(percentages([0.145, 0.145, 0.145, 0.565]))).toBe(100);
    expect(percentages([0.29, 0.71])).toEqual([29, 71]);
  });
});
