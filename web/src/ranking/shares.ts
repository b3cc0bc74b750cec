/**
 * Weights as shares of the whole. They always add up to 1: when one moves, the unlocked others give way in proportion
 * to what they have.
 */

/** Rounding left over by repeated dragging is far below what a planner can see or type. */
const TINY = 1e-9;

export function normalised(weights: readonly number[]): number[] {
  const clean = weights.map((weight) => (Number.isFinite(weight) && weight > 0 ? weight : 0));
  const total = clean.reduce((sum, weight) => sum + weight, 0);
  return total > TINY ? clean.map((weight) => weight / total) : clean.map(() => 1 / Math.max(1, clean.length));
}

/** The most that share `k` can take while the locked ones keep theirs. */
export function ceiling(shares: readonly number[], locked: readonly boolean[], k: number): number {
  const held = shares.reduce((sum, share, i) => (i !== k && locked[i] ? sum + share : sum), 0);
  return Math.max(0, 1 - held);
}

/** Whether share `k` can change at all: it is not locked, and another unlocked share can give or take. */
export function movable(locked: readonly boolean[], k: number): boolean {
  return !locked[k] && locked.some((isLocked, i) => i !== k && !isLocked);
}

/** The shares after `k` was set to `wanted`. Returns the same shares when `k` cannot move. */
export function withShare(shares: readonly number[], locked: readonly boolean[], k: number, wanted: number): number[] {
  if (!movable(locked, k) || !Number.isFinite(wanted)) return [...shares];
  const most = ceiling(shares, locked, k);
  const mine = Math.min(Math.max(wanted, 0), most);
  const others = shares.map((_, i) => i).filter((i) => i !== k && !locked[i]);
  const had = others.reduce((sum, i) => sum + (shares[i] ?? 0), 0);
  const left = most - mine;
  const next = [...shares];
  next[k] = mine;
  // Others that have nothing share equally; otherwise a criterion once dragged to 100 % could never be dragged back.
  for (const i of others) next[i] = had > TINY ? ((shares[i] ?? 0) / had) * left : left / others.length;
  return next;
}

/** Whole percentages that add up to exactly 100, by the largest remainder. */
export function percentages(shares: readonly number[]): number[] {
  const exact = normalised(shares).map((share) => share * 100);
  const whole = exact.map((percent) => Math.floor(percent + TINY));
  let missing = 100 - whole.reduce((sum, percent) => sum + percent, 0);
  const byRemainder = exact
    .map((percent, i) => ({ i, rest: percent - (whole[i] ?? 0) }))
    .sort((a, b) => b.rest - a.rest || a.i - b.i);
  for (const { i } of byRemainder) {
    if (missing <= 0) break;
    whole[i] = (whole[i] ?? 0) + 1;
    missing -= 1;
  }
  return whole;
}
