import type { Order } from "./weighted";

/** Colours of the ramp, and thus scores to name in the legend. */
export const STOPS = 6;

/**
 * The scores at the stops of the colour ramp: from nearly the worst to the best ranked site, with equally many sites
 * between each two. Scores crowd together; spread evenly, most sites would share one colour.
 */
export function stopsOf({
  order,
  ranked,
  behind,
  score,
}: Pick<Order, "order" | "ranked" | "behind" | "score">): number[] {
  const scores = Float64Array.from(order.subarray(0, ranked), (i) => score[i] ?? 0);
  // Those behind begin anew with their best.
  if (behind > 0) scores.sort().reverse();
  return Array.from({ length: STOPS }, (_, n) => {
    if (ranked === 0) return n / (STOPS - 1);
    // The very worst few would otherwise stretch the first colour over most of the scale.
    const part = Math.min(0.98, 1 - n / (STOPS - 1));
    return scores[Math.round(part * (ranked - 1))] ?? 0;
  });
}

/** Two stops at one score would divide by zero. */
export const NARROWEST = 1e-6;

/** Where a score lies on the ramp: 0 light … 1 dark. The map computes the same by an expression. */
export function positionOn(stops: readonly number[], score: number): number {
  let steps = 0;
  for (let n = 0; n + 1 < stops.length; n += 1) {
    const [from, to] = [stops[n] ?? 0, stops[n + 1] ?? 0];
    steps += Math.min(Math.max((score - from) / Math.max(to - from, NARROWEST), 0), 1);
  }
  return steps / Math.max(1, stops.length - 1);
}
