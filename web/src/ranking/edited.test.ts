import { describe, expect, it } from "vitest";
import type { Criterion, Matrix, Scenario } from "../api/types";
import { limitedTo, newLimit } from "./limits";
import { revalued } from "./revalued";
import { stated } from "./stated";

const text = (en: string) => ({ en, km: en });
const school: Criterion = {
  id: "school",
  label: text("School"),
  unit: "min",
  goal: "min",
  weight: 1,
  measure: { kind: "travel_time", service: "primary_school", mode: "walk" },
  value: { kind: "linear", worst: 60, best: 0 },
  in_words: text(""),
};
const depth: Criterion = {
  ...school,
  id: "flood",
  measure: { kind: "flood_depth", return_period: 100, statistic: "mean" },
  unit: "m",
};
const matrix = {
  criteria: ["school", "flood"],
  sites: { id: ["a", "b", "c"] },
  value: [
    [0.5, 0.25, null],
    [1, 1, 1],
  ],
  raw: [
    [30, null, null],
    [0, 0, 0],
  ],
  bounds: [[], []],
  excluded: [0, 0, 1],
  rank: [2, 1, null],
  score: [0.4, 0.9, null],
} as unknown as Matrix;

const scenario = (value: Criterion["value"]): Scenario => ({
  title: text(""),
  criterion: [
    { ...school, value },
    { ...depth, value: depth.value },
  ],
});

describe("an edited value function", () => {
  it("gives known raw numbers their new worth and leaves the rest to the server", () => {
    const next = revalued(matrix, [school, depth], scenario({ kind: "linear", worst: 40, best: 20 }));
    // The second is known between bounds, the third not at all.
    expect(next.matrix.value[0]).toEqual([0.5, 0.25, null]);
    expect(
      revalued(matrix, [school, depth], scenario({ kind: "linear", worst: 50, best: 10 })).matrix.value[0]?.[0],
    ).toBe(0.5);
    expect(
      revalued(matrix, [school, depth], scenario({ kind: "linear", worst: 120, best: 0 })).matrix.value[0]?.[0],
    ).toBe(0.75);
    expect(next.matrix.value[1]).toBe(matrix.value[1]);
    expect(next.criteria[0]?.value).toEqual({ kind: "linear", worst: 40, best: 20 });
  });

  it("changes nothing while it is not sound", () => {
    const half = revalued(matrix, [school, depth], scenario({ kind: "linear", worst: Number.NaN, best: 20 }));
    expect(half.matrix).toBe(matrix);
  });
});

describe("the order that the server states", () => {
  it("is by rank, then the excluded", () => {
    const { order, ranked, rank } = stated(matrix);
    expect([...order]).toEqual([1, 0, 2]);
    expect(ranked).toBe(2);
    expect([...rank]).toEqual([2, 1, 0]);
  });
});

describe("a limit", () => {
  const limit = { id: "far", criterion: "school", at_most: 30, reason: text("Too far") };

  it("says in both languages what it is now, not what it was", () => {
    const next = limitedTo(limit, 45, [school]);
    expect(next.at_most).toBe(45);
    expect(next.reason.en).toBe("More than the limit: 45\u00a0min on foot to the nearest primary school");
    expect(next.reason.km).toContain("45");
    expect(next.reason.km).toMatch(/\p{Script=Khmer}/u);
  });

  it("keeps its words while a number is being typed", () => {
    expect(limitedTo(limit, Number.NaN, [school]).reason).toEqual(limit.reason);
  });

  it("excludes nothing when it is new", () => {
    const most = newLimit(school, [12, 61.4, null], [], ["limit_school"]);
    expect(most.id).toBe("limit_school_2");
    expect(most.at_most).toBeGreaterThanOrEqual(61.4);
    const room: Criterion = { ...school, id: "room", goal: "max", measure: { kind: "capacity" } };
    expect(newLimit(room, [17, 90], [], []).at_least).toBeLessThanOrEqual(17);
    const tenure: Criterion = { ...school, id: "tenure", measure: { kind: "tenure" } };
    expect(newLimit(tenure, [], ["hard_title"], []).one_of).toEqual(["hard_title"]);
  });
});
