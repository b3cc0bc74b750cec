import type { Matrix } from "../api/types";

/** Criteria that weigh and of which nothing is known of a site, by falling weight; those without any layer left out. */
export function missing(
  { value, without_layer: withoutLayer }: Pick<Matrix, "value" | "without_layer">,
  shares: readonly number[],
  i: number,
): number[] {
  const weighing = shares.map((_, n) => n).filter((n) => (shares[n] ?? 0) > 0 && !withoutLayer[n]);
  const unknown = weighing.filter((n) => (value[n]?.[i] ?? null) === null);
  return unknown.sort((a, b) => (shares[b] ?? 0) - (shares[a] ?? 0) || a - b);
}
