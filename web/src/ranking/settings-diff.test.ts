import { describe, expect, it } from "vitest";
import type { Scenario } from "../api/types";
import { settingsBetween } from "./settings-diff";

const text = (en: string) => ({ en, km: en });
const base: Scenario = {
  title: text("A"),
  criterion: [
    {
      id: "flood",
      label: text("Flood"),
      measure: { kind: "flood" },
      weight: 60,
      value: { kind: "linear", worst: 1, best: 0 },
    },
    {
      id: "school",
      label: text("School"),
      measure: { kind: "way" },
      weight: 40,
      value: { kind: "linear", worst: 30, best: 5 },
    },
  ],
  exclusion: [{ id: "deep", criterion: "flood", at_most: 0.5, reason: text("Deep water") }],
  sites: { min_capacity: 10 },
};
const [flood, school] = base.criterion as [Scenario["criterion"][0], Scenario["criterion"][0]];

describe("the settings of two scenarios", () => {
  it("are the same whatever their titles and the scale of their weights", () => {
    const scaled = {
      ...base,
      title: text("B"),
      criterion: base.criterion.map((c) => ({ ...c, weight: c.weight / 100 })),
    };
    expect(settingsBetween(base, scaled)).toEqual([]);
    expect(settingsBetween(base, { ...base, method: "weighted-sum" })).toEqual([]);
  });

  it("differ in weights, the largest step first", () => {
    const now = {
      ...base,
      criterion: [
        { ...flood, weight: 20 },
        { ...school, weight: 80 },
      ],
    };
    expect(settingsBetween(base, now)).toEqual([
      { kind: "weight", label: text("Flood"), then: 0.6, now: 0.2 },
      { kind: "weight", label: text("School"), then: 0.4, now: 0.8 },
    ]);
  });

  it("differ in what a measure is worth, in criteria, limits, method, movers and the rest", () => {
    const now: Scenario = {
      ...base,
      method: "topsis",
      move: { settlements: ["S1", "S2"] },
      criterion: [
        { ...flood, weight: 60, value: { kind: "linear", worst: 2, best: 0 } },
        { ...school, id: "market", label: text("Market") },
      ],
      exclusion: [{ id: "deep", criterion: "flood", at_most: 0.5, reason: text("Deep water"), off: true }],
      sites: { min_capacity: 30 },
    };
    expect(settingsBetween(base, now)).toEqual([
      { kind: "criterion", label: text("Market"), here: true },
      { kind: "criterion", label: text("School"), here: false },
      { kind: "value", label: text("Flood") },
      { kind: "limit", reason: text("Deep water"), then: true, now: false },
      { kind: "method", then: "weighted-sum", now: "topsis" },
      { kind: "move", then: null, now: 2 },
      { kind: "other", field: "sites" },
    ]);
  });

  it("differ where a limit was moved, added or taken away", () => {
    const moved = { ...base, exclusion: base.exclusion?.map((deep) => ({ ...deep, at_most: 0.2 })) };
    expect(settingsBetween(base, moved)).toEqual([
      { kind: "limit", reason: text("Deep water"), then: true, now: true },
    ]);
    const none = { ...base, exclusion: [] };
    expect(settingsBetween(base, none)).toEqual([
      { kind: "limit", reason: text("Deep water"), then: true, now: false },
    ]);
    expect(settingsBetween(none, base)).toEqual([
      { kind: "limit", reason: text("Deep water"), then: false, now: true },
    ]);
  });
});
