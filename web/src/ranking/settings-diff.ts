/** What differs in the settings of two scenarios, the weightiest first. */
import type { Scenario, ScenarioCriterion, ScenarioExclusion, Text } from "../api/types";
import { WEIGHTED_SUM } from "./stated";
import { weightsOf } from "./weighing";

export type Difference =
  | { kind: "weight"; label: Text; then: number; now: number }
  | { kind: "value"; label: Text }
  | { kind: "criterion"; label: Text; here: boolean }
  | { kind: "limit"; reason: Text; then: boolean; now: boolean }
  | { kind: "method"; then: string; now: string }
  | { kind: "move"; then: number | null; now: number | null }
  | { kind: "other"; field: string };

/** Shares that differ by less are the same to whoever reads whole per cents. */
const SEEN = 0.005;

/** `then` is compared with, `now` is on the table. Titles are no settings. */
export function settingsBetween(then: Scenario, now: Scenario): Difference[] {
  return [...weights(then, now), ...limits(then, now), ...methods(then, now), ...moves(then, now), ...rest(then, now)];
}

const same = (one: unknown, other: unknown) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

function weights(then: Scenario, now: Scenario): Difference[] {
  const shares = (scenario: Scenario) => {
    const all = weightsOf(scenario);
    return new Map(scenario.criterion.map(({ id }, n) => [id, all[n] ?? 0]));
  };
  const [before, after] = [shares(then), shares(now)];
  const moved = now.criterion.flatMap(({ id, label }) => {
    const [was, is] = [before.get(id), after.get(id) ?? 0];
    return was === undefined || Math.abs(was - is) < SEEN
      ? []
      : [{ kind: "weight" as const, label, then: was, now: is }];
  });
  // In whole per mille: what binary fractions leave behind must not order equal steps.
  const step = ({ then: was, now: is }: { then: number; now: number }) => Math.round(Math.abs(is - was) * 1000);
  moved.sort((one, other) => step(other) - step(one));
  const bare = ({ value, measure, goal }: ScenarioCriterion) => [value, measure, goal];
  const values = now.criterion.flatMap((criterion): Difference[] => {
    const was = then.criterion.find(({ id }) => id === criterion.id);
    return was && !same(bare(was), bare(criterion)) ? [{ kind: "value", label: criterion.label }] : [];
  });
  const only = (some: Scenario, others: ReadonlyMap<string, number>, here: boolean) =>
    some.criterion.flatMap(({ id, label }): Difference[] =>
      others.has(id) ? [] : [{ kind: "criterion", label, here }],
    );
  return [...only(now, before, true), ...only(then, after, false), ...moved, ...values];
}

function limits(then: Scenario, now: Scenario): Difference[] {
  const [before, after] = [then.exclusion ?? [], now.exclusion ?? []];
  const ids = [...new Set([...after, ...before].map(({ id }) => id))];
  const find = (limits: ScenarioExclusion[], wanted: string) => limits.find(({ id }) => id === wanted);
  return ids.flatMap((id): Difference[] => {
    const [was, is] = [find(before, id), find(after, id)];
    const reason = (is ?? was)?.reason;
    if (!reason || same(was, is)) return [];
    return [{ kind: "limit", reason, then: !!was && was.off !== true, now: !!is && is.off !== true }];
  });
}

function methods(then: Scenario, now: Scenario): Difference[] {
  const [was, is] = [then.method ?? WEIGHTED_SUM, now.method ?? WEIGHTED_SUM];
  return was === is ? [] : [{ kind: "method", then: was, now: is }];
}

function moves(then: Scenario, now: Scenario): Difference[] {
  if (same(then.move, now.move)) return [];
  const count = ({ move }: Scenario) => (Array.isArray(move?.settlements) ? move.settlements.length : null);
  return [{ kind: "move", then: count(then), now: count(now) }];
}

const told = new Set(["title", "method", "move", "criterion", "exclusion"]);

function rest(then: Scenario, now: Scenario): Difference[] {
  const fields = [...new Set([...Object.keys(then), ...Object.keys(now)])].filter((field) => !told.has(field));
  return fields.flatMap((field): Difference[] => (same(then[field], now[field]) ? [] : [{ kind: "other", field }]));
}
