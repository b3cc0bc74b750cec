/**
 * The weighted sum in the browser: re-ranks every site while a weight is being dragged, without asking the server.
 *
 * The arithmetic is that of the server's `weighted-sum` method (same order of criteria, same treatment of unknowns,
 * ties at twelve decimals and by id), so that what the planner sees while dragging is what the server confirms.
 */
import type { Criterion, Matrix } from "../api/types";
import { wholeRange } from "./whole-range";

/** Marks an unknown value inside the typed arrays; it never leaves this module's arithmetic. */
const UNKNOWN = Number.NaN;
const EXCLUDED = 1;

export interface Board {
  readonly size: number;
  /** One array per criterion, one value (0 worst … 1 best, NaN unknown) per site. */
  readonly values: readonly Float64Array[];
  /** Per criterion, the lowest and highest value that an unknown measure may turn out to have. */
  readonly open: readonly [low: number, high: number][];
  /** 0 ranked, 1 excluded, 2 not known whether it is excluded. */
  readonly excluded: Uint8Array;
  /** Place of each site in the order of ids, which decides between equals. */
  readonly placeOfId: Uint32Array;
  /** The inverse: the site at each place in the order of ids. */
  readonly siteAtPlace: Uint32Array;
}

export interface Order {
  /** With an unknown counted as the middle of what it may be. */
  readonly score: Float64Array;
  readonly lowest: Float64Array;
  readonly highest: Float64Array;
  /** Rank from 1 by site, equals sharing the better one; 0 for a site that is excluded or wholly unknown. */
  readonly rank: Uint32Array;
  /** Sites from best to worst, then those without a score, then the excluded. */
  readonly order: Uint32Array;
  /** How many of `order` are ranked. */
  readonly ranked: number;
}

type Known = Pick<Matrix, "value" | "excluded"> & { sites: Pick<Matrix["sites"], "id"> };

export function board(matrix: Known, criteria: readonly Pick<Criterion, "value">[]): Board {
  const size = matrix.excluded.length;
  const { id } = matrix.sites;
  const siteAtPlace = Uint32Array.from({ length: size }, (_, i) => i).sort((a, b) => compare(id[a], id[b]));
  const placeOfId = new Uint32Array(size);
  siteAtPlace.forEach((site, place) => (placeOfId[site] = place));
  return {
    size,
    values: matrix.value.map((column) => Float64Array.from({ length: size }, (_, i) => column[i] ?? UNKNOWN)),
    open: matrix.value.map((_, n) => wholeRange(criteria[n]?.value)),
    excluded: Uint8Array.from(matrix.excluded),
    placeOfId,
    siteAtPlace,
  };
}

function compare(a = "", b = ""): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Scores and orders all sites under these shares (which add up to 1, one per criterion). */
export function rank(board: Board, shares: readonly number[]): Order {
  const { size, values, open, excluded } = board;
  const lowest = new Float64Array(size);
  const highest = new Float64Array(size);
  const score = new Float64Array(size);
  const known = new Uint8Array(size);
  values.forEach((column, n) => {
    const share = shares[n] ?? 0;
    if (share === 0) return;
    const [low, high] = open[n] ?? [0, 1];
    const middle = (low + high) / 2;
    for (let i = 0; i < size; i += 1) {
      const value = column[i] as number;
      // NaN is the only number that differs from itself.
      const isKnown = value === value;
      if (isKnown) known[i] = 1;
      lowest[i] = (lowest[i] as number) + share * (isKnown ? value : low);
      highest[i] = (highest[i] as number) + share * (isKnown ? value : high);
      score[i] = (score[i] as number) + share * (isKnown ? value : middle);
    }
  });
  for (let i = 0; i < size; i += 1) score[i] = settled(score[i] as number);
  const takesPart = (i: number) => excluded[i] !== EXCLUDED && known[i] === 1;
  return { score, lowest, highest, ...bestFirst(score, takesPart, board) };
}

/** Sums that are equal on paper but differ in their last bits tie. */
function settled(score: number): number {
  return Math.round(score * 1e12) / 1e12;
}

/** Twenty bits of a sort key hold the place of the id, so one native sort serves up to this many sites. */
const PLACES = 2 ** 20;
const STEPS = 2 ** 32;

/**
 * Sorting numbers natively is many times faster than sorting rows with a comparison function. Each key holds the
 * score in 2^32 steps and the place of the id; sites closer than one step are put in exact order afterwards.
 */
function bestFirst(
  score: Float64Array,
  takesPart: (i: number) => boolean,
  { size, excluded, placeOfId, siteAtPlace }: Board,
): Pick<Order, "order" | "ranked" | "rank"> {
  if (size > PLACES) throw new RangeError(`More than ${PLACES} sites: rank them on the server.`);
  const keys = new Float64Array(size);
  let ranked = 0;
  for (let i = 0; i < size; i += 1) {
    if (!takesPart(i)) continue;
    keys[ranked] = Math.floor((1 - (score[i] as number)) * (STEPS - 1)) * PLACES + (placeOfId[i] as number);
    ranked += 1;
  }
  const sorted = keys.subarray(0, ranked).sort();
  const order = new Uint32Array(size);
  for (let place = 0; place < ranked; place += 1) {
    const row = siteAtPlace[(sorted[place] as number) % PLACES] as number;
    let slot = place;
    while (slot > 0 && (score[order[slot - 1] as number] as number) < (score[row] as number)) {
      order[slot] = order[slot - 1] as number;
      slot -= 1;
    }
    order[slot] = row;
  }
  const rank = new Uint32Array(size);
  for (let place = 0; place < ranked; place += 1) {
    const [row, before] = [order[place] as number, order[place - 1] ?? -1];
    rank[row] = place > 0 && score[before] === score[row] ? (rank[before] as number) : place + 1;
  }
  let slot = ranked;
  for (const last of [false, true]) {
    for (const row of siteAtPlace) {
      if (takesPart(row) || (excluded[row] === EXCLUDED) !== last) continue;
      order[slot] = row;
      slot += 1;
    }
  }
  return { order, ranked, rank };
}
