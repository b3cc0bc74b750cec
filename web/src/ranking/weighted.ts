/**
 * The weighted sum in the browser: re-ranks every site while a weight is being dragged, without asking the server.
 *
 * The arithmetic is that of the server's `weighted-sum` method (same order of criteria, same treatment of unknowns, same
 * order of ties), so that what the planner sees while dragging is what the server confirms afterwards.
 */
import type { Matrix } from "../api/types";

/** Marks an unknown value inside the typed arrays; it never leaves this module's arithmetic. */
const UNKNOWN = Number.NaN;

export interface Board {
  readonly size: number;
  /** One array per criterion, one value (0 worst … 1 best, NaN unknown) per site. */
  readonly values: readonly Float64Array[];
  /** 0 ranked, 1 excluded, 2 not known whether it is excluded. */
  readonly excluded: Uint8Array;
}

export interface Order {
  /** Midpoint of `lowest` and `highest`: an unknown may turn out anything from worst to best. */
  readonly score: Float64Array;
  readonly lowest: Float64Array;
  readonly highest: Float64Array;
  /** Rank from 1 by site; 0 where the site is excluded. */
  readonly rank: Uint32Array;
  /** Sites from best to worst; excluded ones follow in the order of the matrix. */
  readonly order: Uint32Array;
  /** How many of `order` are ranked. */
  readonly ranked: number;
}

export function board(matrix: Pick<Matrix, "value" | "excluded">): Board {
  const size = matrix.excluded.length;
  return {
    size,
    values: matrix.value.map((column) => Float64Array.from({ length: size }, (_, i) => column[i] ?? UNKNOWN)),
    excluded: Uint8Array.from(matrix.excluded),
  };
}

/** Scores and orders all sites under these shares (which add up to 1, one per criterion). */
export function rank({ size, values, excluded }: Board, shares: readonly number[]): Order {
  const lowest = new Float64Array(size);
  const open = new Float64Array(size);
  values.forEach((column, n) => {
    const share = shares[n] ?? 0;
    if (share === 0) return;
    for (let i = 0; i < size; i += 1) {
      const value = column[i] as number;
      // NaN is the only number that differs from itself.
      if (value === value) lowest[i] = (lowest[i] as number) + share * value;
      else open[i] = (open[i] as number) + share;
    }
  });
  const highest = new Float64Array(size);
  const score = new Float64Array(size);
  for (let i = 0; i < size; i += 1) {
    highest[i] = (lowest[i] as number) + (open[i] as number);
    score[i] = (lowest[i] as number) + (open[i] as number) / 2;
  }
  const sorted = bestFirst(score, excluded);
  const rankOf = new Uint32Array(size);
  for (let place = 0; place < sorted.ranked; place += 1) rankOf[sorted.order[place] as number] = place + 1;
  return { score, lowest, highest, rank: rankOf, ...sorted };
}

/** Twenty bits of a sort key hold the row of the site, so one native sort serves up to this many sites. */
const ROWS = 2 ** 20;
const STEPS = 2 ** 32;

/**
 * Sorting numbers natively is many times faster than sorting rows with a comparison function. Each key holds the
 * score in 2^32 steps and the row; sites closer than one step are put in exact order afterwards.
 */
function bestFirst(score: Float64Array, excluded: Uint8Array): Pick<Order, "order" | "ranked"> {
  const size = score.length;
  if (size > ROWS) throw new RangeError(`More than ${ROWS} sites: rank them on the server.`);
  const keys = new Float64Array(size);
  let ranked = 0;
  for (let i = 0; i < size; i += 1) {
    if (excluded[i] === 1) continue;
    keys[ranked] = Math.floor((1 - (score[i] as number)) * (STEPS - 1)) * ROWS + i;
    ranked += 1;
  }
  const sorted = keys.subarray(0, ranked).sort();
  const order = new Uint32Array(size);
  for (let place = 0; place < ranked; place += 1) {
    const row = (sorted[place] as number) % ROWS;
    let slot = place;
    while (slot > 0 && (score[order[slot - 1] as number] as number) < (score[row] as number)) {
      order[slot] = order[slot - 1] as number;
      slot -= 1;
    }
    order[slot] = row;
  }
  let slot = ranked;
  for (let i = 0; i < size; i += 1) {
    if (excluded[i] !== 1) continue;
    order[slot] = i;
    slot += 1;
  }
  return { order, ranked };
}
