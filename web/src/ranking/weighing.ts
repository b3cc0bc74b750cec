/** Weights of scenarios, links and drafts, and whether they are the same. */
import type { Scenario } from "../api/types";
import type { Snapshot } from "../state/draft.svelte";
import { normalised } from "./shares";

/** A link states weights in per mille. */
const LINK_ROUNDING = 6e-4;

/** Shares of the weights that a scenario states. */
export function weightsOf(scenario: Scenario): number[] {
  return normalised(scenario.criterion.map(({ weight }) => weight));
}

/** Whether shares are the same but for the rounding of a link. */
export function alike(some: readonly number[], others: readonly number[]): boolean {
  return some.length === others.length && some.every((share, n) => Math.abs(share - (others[n] ?? 0)) <= LINK_ROUNDING);
}

/** A scenario with the weights that it had in a draft. */
export function weighedBy({ scenario, shares }: Pick<Snapshot, "scenario" | "shares">): Scenario {
  return { ...scenario, criterion: scenario.criterion.map((c) => ({ ...c, weight: shares[c.id] ?? c.weight })) };
}

/** Whether two scenarios differ in more than their weights. */
export function differsBeyondWeights(one: Scenario, other: Scenario): boolean {
  const bare = (scenario: Scenario) =>
    JSON.stringify({ ...scenario, criterion: scenario.criterion.map((criterion) => ({ ...criterion, weight: 0 })) });
  return bare(one) !== bare(other);
}

/** The shares that a link states in per mille; null where they are those of other criteria. */
export function linkedShares(
  criteria: readonly { id: string }[],
  permille: ReadonlyMap<string, number>,
): number[] | null {
  const wanted = criteria.map(({ id }) => permille.get(id) ?? NaN);
  const fits = permille.size === wanted.length && wanted.every((share) => share >= 0);
  return fits && wanted.some((share) => share > 0) ? normalised(wanted) : null;
}

/** A scenario with the weights of a link; `same` where it has them already, `foreign` where they say nothing about it. */
export function linkedWeights(
  scenario: Scenario,
  permille: ReadonlyMap<string, number> | null,
): Scenario | "none" | "same" | "foreign" {
  if (!permille) return "none";
  const shares = linkedShares(scenario.criterion, permille);
  if (!shares) return "foreign";
  if (alike(shares, weightsOf(scenario))) return "same";
  return { ...scenario, criterion: scenario.criterion.map((c, n) => ({ ...c, weight: shares[n] ?? 0 })) };
}
