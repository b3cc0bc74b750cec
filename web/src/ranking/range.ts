import type { Order } from "./weighted";

/** The worst few sites would otherwise take half of the colours for themselves. */
const LOWEST_SHARE = 0.02;

/** Scores at the light and the dark end of the colours: nearly the whole range of the ranked sites. */
export function rampRange({ order, ranked, score }: Pick<Order, "order" | "ranked" | "score">): {
  low: number;
  high: number;
} {
  if (ranked === 0) return { low: 0, high: 1 };
  const last = Math.max(0, Math.ceil(ranked * (1 - LOWEST_SHARE)) - 1);
  return { low: score[order[last] ?? 0] ?? 0, high: score[order[0] ?? 0] ?? 1 };
}
