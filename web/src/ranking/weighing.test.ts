import { describe, expect, it } from "vitest";
import type { Scenario } from "../api/types";
import { alike, linkedShares, linkedWeights } from "./weighing";

const scenario = {
  title: { en: "A", km: "ក" },
  criterion: [
    { id: "flood", weight: 3 },
    { id: "school", weight: 1 },
  ],
} as unknown as Scenario;
const link = (...permille: [string, number][]) => new Map(permille);

describe("the weights of a link", () => {
  it("are taken where they are those of the scenario's criteria", () => {
    const weighed = linkedWeights(scenario, link(["school", 600], ["flood", 400])) as Scenario;
    expect(weighed.criterion.map(({ weight }) => weight)).toEqual([0.4, 0.6]);
  });

  it("are nothing new where they differ by rounding alone", () => {
    expect(linkedWeights(scenario, link(["flood", 750], ["school", 250]))).toBe("same");
    expect(alike([0.3333333, 0.6666667], [0.333, 0.667])).toBe(true);
  });

  it("say nothing about other criteria", () => {
    expect(linkedWeights(scenario, null)).toBe("none");
    for (const foreign of [
      link(["flood", 400]),
      link(["flood", 400], ["market", 600]),
      link(["flood", 400], ["school", 300], ["market", 300]),
      link(["flood", 0], ["school", 0]),
    ])
      expect(linkedWeights(scenario, foreign)).toBe("foreign");
    expect(linkedShares(scenario.criterion, link(["flood", -1], ["school", 2]))).toBeNull();
  });
});
