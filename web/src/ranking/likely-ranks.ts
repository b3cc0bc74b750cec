/** The ranks that a site takes in most weightings. */

export interface LikelyRanks {
  best: number;
  /** Null where it lies beyond the ranks that were counted. */
  worst: number | null;
}

/** Rounding of shares must not push a rank over an edge. */
const SLACK = 1e-9;

/**
 * The narrowest statement that leaves out an equal share of weightings at both ends and keeps `kept` of them: from the rank that is
 * reached after the first `(1 − kept) / 2` to the one before the last. `ranks` are the shares at rank 1, 2, …; what is missing to 1
 * lies beyond. Null where even the first end lies there.
 */
export function likelyRanks(ranks: readonly number[], kept = 0.9): LikelyRanks | null {
  const tail = (1 - kept) / 2;
  let sum = 0;
  let best: number | null = null;
  let worst: number | null = null;
  ranks.forEach((share, n) => {
    sum += share;
    if (best === null && sum > tail + SLACK) best = n + 1;
    if (worst === null && sum >= 1 - tail - SLACK) worst = n + 1;
  });
  return best === null ? null : { best, worst };
}
