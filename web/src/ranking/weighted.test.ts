import { describe, expect, it } from "vitest";
import { board, rank } from "./weighted";

const three = board({
  value: [
    [1, 0.2, null, 0.9],
    [0, 0.8, 0.5, 0.9],
  ],
  excluded: [0, 0, 2, 1],
});

describe("the weighted sum", () => {
  it("adds weight times value and orders best first", () => {
    const order = rank(three, [0.5, 0.5]);
    expect([...order.score].slice(0, 3)).toEqual([0.5, 0.5, 0.5]);
    expect([...rank(three, [0.8, 0.2]).order]).toEqual([0, 2, 1, 3]);
    expect([...rank(three, [0.1, 0.9]).order]).toEqual([1, 2, 0, 3]);
  });

  it("spans an unknown from worst to best", () => {
    const order = rank(three, [0.25, 0.75]);
    expect(order.lowest[2]).toBeCloseTo(0.375);
    expect(order.highest[2]).toBeCloseTo(0.625);
    expect(order.score[2]).toBeCloseTo(0.5);
    expect(order.lowest[1]).toBe(order.highest[1]);
  });

  it("gives an excluded site no rank and puts it last", () => {
    const order = rank(three, [0.5, 0.5]);
    expect(order.rank[3]).toBe(0);
    expect(order.ranked).toBe(3);
    expect(order.order[3]).toBe(3);
  });

  it("keeps ties in the order of the matrix", () => {
    expect([...rank(three, [0.5, 0.5]).order]).toEqual([0, 1, 2, 3]);
  });

  it("puts sites in exact order even where the sort keys cannot tell them apart", () => {
    const close = board({ value: [[0.5, 0.5 + 1e-13, 0.5 + 2e-13, 0.4]], excluded: [0, 0, 0, 0] });
    expect([...rank(close, [1]).order]).toEqual([2, 1, 0, 3]);
  });

  it("copes with no sites at all", () => {
    expect(rank(board({ value: [[]], excluded: [] }), [1]).order).toHaveLength(0);
  });

  it("agrees with a plain sort on many sites", () => {
    const { many, shares } = city(5000);
    const order = rank(many, shares);
    const plain = Array.from({ length: many.size }, (_, i) => i)
      .filter((i) => many.excluded[i] !== 1)
      .sort((a, b) => (order.score[b] ?? 0) - (order.score[a] ?? 0) || a - b);
    expect([...order.order.subarray(0, order.ranked)]).toEqual(plain);
  });

  it("re-ranks 100,000 sites well within a frame budget of 50 ms", () => {
    const { many, shares } = city(100_000);
    const times = Array.from({ length: 9 }, () => {
      const start = performance.now();
      rank(many, shares);
      return performance.now() - start;
    }).sort((a, b) => a - b);
    expect(times[4]).toBeLessThan(50);
  });
});

function city(size: number) {
  let seed = 7;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const criteria = 10;
  const value = Array.from({ length: criteria }, () =>
    Array.from({ length: size }, () => (random() < 0.05 ? null : random())),
  );
  const excluded = Array.from({ length: size }, () => (random() < 0.1 ? 1 : 0) as 0 | 1);
  return { many: board({ value, excluded }), shares: Array.from({ length: criteria }, () => 1 / criteria) };
}
