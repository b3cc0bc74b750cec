/** The rule of order: what a value counts that is not exactly known, and how much may be unknown of a site. */
import type { Scenario } from "../api/types";

export interface Rule {
  readonly by: "lowest" | "middle" | "hurwicz";
  /** How much the highest counts beside the lowest. */
  readonly alpha: number;
  readonly apartAbove: number;
}

/**
 * Only what is certain lifts a site: the rule where a scenario says nothing. Sites of which it is not known whether they are
 * excluded stand behind all that pass for certain.
 */
export const LOWEST: Rule = { by: "lowest", alpha: 0, apartAbove: 1 / 3 };

export function ruleOf(scenario: Pick<Scenario, "order"> | null): Rule {
  const order = scenario?.order;
  const by = order?.by ?? LOWEST.by;
  const alpha = { lowest: 0, middle: 0.5, hurwicz: order?.alpha ?? 0 }[by];
  return { by, alpha, apartAbove: order?.apart_above ?? LOWEST.apartAbove };
}

/** What counts of a value between two bounds. */
export function between({ alpha }: Rule, low: number, high: number): number {
  if (high <= low || alpha === 0) return low;
  if (alpha === 0.5) return (low + high) / 2;
  return Math.min(Math.max(low + alpha * (high - low), low), high);
}
