import { describe, expect, it } from "vitest";
import type { Criterion, Exclusion, Matrix } from "../api/types";
import { LOWEST, type Rule } from "./rule";
import { board, bounds, rank, unknownShare } from "./weighted";

type Value = Criterion["value"];

/** Nobody stands apart but those of whom nothing is known. Other rules: `order.test.ts`. */
const MIDDLE: Rule = { by: "middle", alpha: 0.5, apartAbove: 1 };

function sites(
  value: Matrix["value"],
  excluded: Exclusion[],
  functions: Value[] = [],
  id?: string[],
  bounds: Matrix["bounds"] = [],
  rule = MIDDLE,
) {
  const ids = id ?? excluded.map((_, i) => `S${String(i).padStart(6, "0")}`);
  return board(
    { value, excluded, bounds, sites: { id: ids } },
    value.map((_, n) => ({ value: functions[n] ?? { kind: "linear" } })),
    rule,
  );
}

const four = sites(
  [
    [1, 0.2, null, 0.9],
    [0, 0.8, 0.5, 0.9],
  ],
  [0, 0, 2, 1],
);

describe("the weighted sum", () => {
  it("adds weight times value and orders best first", () => {
    const order = rank(four, [0.5, 0.5]);
    expect([...order.score].slice(0, 3)).toEqual([0.5, 0.5, 0.5]);
    expect([...rank(four, [0.8, 0.2]).order]).toEqual([0, 2, 1, 3]);
    expect([...rank(four, [0.1, 0.9]).order]).toEqual([1, 2, 0, 3]);
  });

  it("spans an unknown from worst to best and counts its middle", () => {
    const { lowest, highest } = bounds(four, [0.25, 0.75], 2);
    expect(lowest).toBeCloseTo(0.375);
    expect(highest).toBeCloseTo(0.625);
    expect(rank(four, [0.25, 0.75]).score[2]).toBeCloseTo(0.5);
    const known = bounds(four, [0.25, 0.75], 1);
    expect(known.lowest).toBe(known.highest);
  });

  it("spans an unknown category over the values of its table only", () => {
    const table: Value = { kind: "table", values: { hard_title: 1, soft_title: 0.4 } };
    const one = sites([[null], [0.5]], [0], [table]);
    const { lowest, highest } = bounds(one, [0.5, 0.5], 0);
    expect(lowest).toBeCloseTo(0.45);
    expect(highest).toBeCloseTo(0.75);
    expect(rank(one, [0.5, 0.5]).score[0]).toBeCloseTo(0.6);
  });

  it("knows of values between two bounds, which stand at what the rule counts", () => {
    const open = sites(
      [
        [0.5, 0.5],
        [1, 1],
      ],
      [0, 0],
      [],
      undefined,
      [[[1, 0.3, 0.6]], []],
    );
    expect(bounds(open, [0.5, 0.5], 0)).toEqual({ lowest: 0.75, highest: 0.75 });
    const { lowest, highest } = bounds(open, [0.5, 0.5], 1);
    expect(rank(open, [0.5, 0.5]).score[1]).toBeCloseTo(0.725, 12);
    expect(lowest).toBeCloseTo(0.65, 12);
    expect(highest).toBeCloseTo(0.8, 12);
  });

  it("gives no rank to the excluded nor to those of whom nothing that weighs is known, in this order", () => {
    const order = rank(
      sites(
        [
          [0.5, null, 0.9, null],
          [0, 1, 1, null],
        ],
        [0, 0, 1, 0],
      ),
      [1, 0],
    );
    expect([...order.order]).toEqual([0, 1, 3, 2]);
    expect([...order.rank]).toEqual([1, 0, 0, 0]);
    expect(order.ranked).toBe(1);
  });

  it("lets equals share the better rank, in the order of their ids", () => {
    const order = rank(sites([[0.5, 0.7, 0.5, 0.1]], [0, 0, 0, 0], [], ["c", "b", "a", "d"]), [1]);
    expect([...order.order]).toEqual([1, 2, 0, 3]);
    expect([...order.rank]).toEqual([2, 1, 2, 4]);
  });

  it("puts sites in exact order even where the sort keys cannot tell them apart", () => {
    const close = sites([[0.5, 0.5 + 2e-12, 0.5 + 4e-12, 0.4]], [0, 0, 0, 0]);
    expect([...rank(close, [1]).order]).toEqual([2, 1, 0, 3]);
    expect([...rank(close, [1]).rank]).toEqual([3, 2, 1, 4]);
  });

  it("copes with no sites at all", () => {
    expect(rank(sites([[]], []), [1]).order).toHaveLength(0);
  });

  it("agrees with a plain sort on many sites", () => {
    const { many, shares } = city(5000);
    const order = rank(many, shares);
    const plain = Array.from({ length: many.size }, (_, i) => i)
      .filter((i) => many.excluded[i] !== 1)
      .sort((a, b) => (order.score[b] ?? 0) - (order.score[a] ?? 0) || a - b);
    expect([...order.order.subarray(0, order.ranked)]).toEqual(plain);
  });

  it("keeps 100,000 sites in order, and apart whoever lacks too much as counted one by one", () => {
    const { many, shares } = city(100_000, LOWEST);
    const { order, ranked, apart, score, rank: ranks } = rank(many, shares);
    expect(new Set(order).size).toBe(many.size);
    const wrong = [...order].filter((i, place) => {
      const before = order[place - 1];
      const lacks = unknownShare(many, shares, i);
      if (place >= ranked + apart) return many.excluded[i] !== 1 || ranks[i] !== 0;
      if (many.excluded[i] === 1) return true;
      if (place >= ranked) return lacks <= LOWEST.apartAbove || ranks[i] !== 0;
      return lacks > LOWEST.apartAbove || (before !== undefined && (score[before] ?? 0) < (score[i] ?? 0));
    });
    expect(wrong).toEqual([]);
    expect(apart).toBeGreaterThan(0);
  });
});

function city(size: number, rule = MIDDLE) {
  let seed = 7;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const criteria = 12;
  const value = Array.from({ length: criteria }, () =>
    Array.from({ length: size }, () => (random() < 0.05 ? null : random())),
  );
  const excluded = Array.from({ length: size }, (): Exclusion => (random() < 0.1 ? 1 : 0));
  return {
    many: sites(value, excluded, [], undefined, [], rule),
    shares: Array.from({ length: criteria }, () => 1 / criteria),
  };
}
