import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { dueVisits, later, type Schedule } from "./due";
import type { FieldEvent } from "./event";
import { foldAll } from "./records";

interface History {
  name: string;
  events: FieldEvent[];
  states: Record<string, unknown>[];
  due: Record<string, { standing: { standing: string } }[]>;
}

/** The answers are those of the server's fold (`crates/registry/tests/shared.rs`). */
const vectors = JSON.parse(readFileSync(new URL("../../../../tests/vectors/fold.json", import.meta.url), "utf8")) as {
  today: string;
  histories: History[];
};

/** As `Schedule::default` has it; phones are given the schedule by the server. */
const schedule: Schedule = {
  visits: [
    [1, 7, 7],
    [3, 14, 14],
    [6, 30, 30],
    [12, 30, 30],
    [24, 45, 45],
    [36, 45, 45],
    [60, 45, 45],
  ].map(([months = 0, early_days = 0, late_days = 0]) => ({ months, early_days, late_days })),
  escalate_after_days: 14,
};

/** What the server tells beside: marks and times of receipt. */
function bare(state: unknown): unknown {
  return JSON.parse(
    JSON.stringify(state, (name, value: unknown) => (["marks", "received_at"].includes(name) ? undefined : value)),
  );
}

describe("the fold", () => {
  it("is judged by many histories", () => expect(vectors.histories.length).toBeGreaterThan(60));

  it.each(vectors.histories.map((history) => [history.name, history] as const))("agrees: %s", (_, history) => {
    const states = foldAll(history.events.map((event) => ({ event })));
    const households = [...states.keys()].sort();
    expect(households.map((household) => bare(states.get(household)))).toEqual(history.states.map(bare));
  });

  it.each(vectors.histories.map((history) => [history.name, history] as const))("in any order: %s", (_, history) => {
    const known = history.events.map((event) => ({ event }));
    const turned = foldAll([...known].reverse().concat(known));
    expect(bare([...turned].sort())).toEqual(bare([...foldAll(known)].sort()));
  });

  it.each(vectors.histories.map((history) => [history.name, history] as const))("visits are due: %s", (_, history) => {
    for (const [household, state] of foldAll(history.events.map((event) => ({ event })))) {
      const wanted = (history.due[household] ?? []).map((visit) => ({ ...visit, standing: visit.standing.standing }));
      expect(dueVisits(state, schedule, vectors.today)).toEqual(wanted);
    }
  });
});

describe("months", () => {
  it("end on their last day", () => {
    expect(later("2026-01-31", 1, 0)).toBe("2026-02-28");
    expect(later("2027-11-30", 3, 0)).toBe("2028-02-29");
    expect(later("2026-12-31", 1, 7)).toBe("2027-02-07");
  });
});
