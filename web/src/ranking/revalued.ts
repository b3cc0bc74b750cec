/** What the sites are worth under edited value functions, as far as the browser knows their raw numbers. */
import type { Criterion, Matrix, Scenario } from "../api/types";
import { isSound, worth } from "./value-function";

/**
 * The matrix and the criteria with the value functions of `scenario`. Numbers known only between bounds and categories
 * keep their values until the server has confirmed; a function that is not sound yet changes nothing.
 */
export function revalued(
  matrix: Matrix,
  criteria: Criterion[],
  scenario: Scenario,
): { matrix: Matrix; criteria: Criterion[] } {
  const edited = new Map(scenario.criterion.map((criterion) => [criterion.id, criterion.value]));
  const changed = criteria.map(({ id, value }) => {
    const next = edited.get(id);
    return next && next.kind !== "table" && isSound(next) && JSON.stringify(next) !== JSON.stringify(value)
      ? next
      : null;
  });
  if (!changed.some(Boolean)) return { matrix, criteria };
  const value = matrix.value.map((column, n) => {
    const next = changed[n];
    if (!next) return column;
    const raws = matrix.raw[n] ?? [];
    return column.map((was, i) => {
      const raw = raws[i] ?? null;
      return raw === null ? was : worth(next, raw);
    });
  });
  return {
    // Bounds under the old function say nothing of the new one.
    matrix: { ...matrix, value, bounds: matrix.bounds.map((list, n) => (changed[n] ? [] : list)) },
    criteria: criteria.map((criterion, n) => ({ ...criterion, value: changed[n] ?? criterion.value })),
  };
}
