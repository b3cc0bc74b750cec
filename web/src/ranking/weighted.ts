/**
 * The weighted sum in the browser: re-ranks every site while a weight is being dragged, without asking the server.
 *
 * The arithmetic is that of the server's `weighted-sum` method (same order of criteria, same rule for unknowns, the same
 * share of the weight that may be unknown, ties at twelve decimals and by id), so that what the planner sees while
 * dragging is what the server confirms. Both sides are held to the vectors of `crates/planning/tests/shared`.
 */
import type { Criterion, Matrix } from "../api/types";
import { between, LOWEST, type Rule } from "./rule";
import { atMost } from "./tolerance";
import { openRange } from "./whole-range";

const EXCLUDED = 1;
const UNDECIDED = 2;

export interface Board {
  readonly size: number;
  /** Per criterion and site, 0 worst … 1 best; of what is not exactly known stands what the rule counts. */
  readonly values: readonly Float64Array[];
  /** Per criterion and site, 1 where the value is unknown; null where all are known. */
  readonly unknown: readonly (Uint8Array | null)[];
  /** Per criterion, the lowest and highest value that an unknown measure may turn out to have. */
  readonly open: readonly [low: number, high: number][];
  /** Per criterion, what an unknown value counts. */
  readonly unknowns: readonly number[];
  /** Per criterion, whether no layer is loaded for it: it makes no site too little known. */
  readonly withoutLayer: readonly boolean[];
  /** A site of whose weight more than this share is unknown has no rank. */
  readonly apartAbove: number;
  /** Per criterion, the sites whose value is known between two bounds only. */
  readonly between: Matrix["bounds"];
  /** 0 ranked, 1 excluded, 2 not known whether it is excluded. */
  readonly excluded: Uint8Array;
  /** Whether sites of which that is not known stand behind all that pass for certain. */
  readonly undecidedBehind: boolean;
  /** All sites in the order of their ids, which decides between equals. */
  readonly byId: Uint32Array;
}

export interface Order {
  /** With an unknown counted by the rule of order. */
  readonly score: Float64Array;
  /** Rank from 1 by site, equals sharing the better one; 0 for a site that is excluded or of which too little is known. */
  readonly rank: Uint32Array;
  /** Sites from best to worst, then those of which too little is known, then the excluded. */
  readonly order: Uint32Array;
  /** How many of `order` are ranked. */
  readonly ranked: number;
  /** How many of these, the last of them, stand behind because it is not known whether they are excluded. */
  readonly behind: number;
  /** How many stand apart after these, because too little is known of them. */
  readonly apart: number;
}

type Known = Pick<Matrix, "value" | "excluded" | "bounds"> &
  Partial<Pick<Matrix, "without_layer">> & { sites: Pick<Matrix["sites"], "id"> };

export function board(
  matrix: Known,
  criteria: readonly (Pick<Criterion, "value"> & Partial<Pick<Criterion, "measure">>)[],
  rule: Rule = LOWEST,
): Board {
  const size = matrix.excluded.length;
  const open = matrix.value.map((_, n) => openRange(criteria[n]?.value, criteria[n]?.measure));
  const unknowns = open.map(([low, high]) => between(rule, low, high));
  const columns = matrix.value.map((column, n) => columnOf(column, unknowns[n] ?? 0, matrix.bounds[n], rule));
  return {
    size,
    open,
    unknowns,
    withoutLayer: matrix.value.map((_, n) => matrix.without_layer?.[n] ?? false),
    apartAbove: rule.apartAbove,
    values: columns.map(({ values }) => values),
    unknown: columns.map(({ unknown }) => unknown),
    between: matrix.bounds,
    excluded: Uint8Array.from(matrix.excluded),
    undecidedBehind: rule.by === "lowest",
    byId: orderOfIds(matrix.sites.id),
  };
}

interface Column {
  readonly counted: number;
  readonly alpha: number;
  readonly bounds: Matrix["bounds"][number] | undefined;
  readonly values: Float64Array;
  readonly unknown: Uint8Array | null;
}

/** While one value function is being dragged, the other criteria's columns and the ids stay the same. */
const columnsMade = new WeakMap<(number | null)[], Column>();
const ordersMade = new WeakMap<string[], Uint32Array>();

function columnOf(
  column: (number | null)[],
  counted: number,
  bounds: Matrix["bounds"][number] | undefined,
  rule: Rule,
): Column {
  const { alpha } = rule;
  const made = columnsMade.get(column);
  if (made?.counted === counted && made.alpha === alpha && made.bounds === bounds) return made;
  const values = new Float64Array(column.length);
  let unknown: Uint8Array | null = null;
  column.forEach((value, i) => {
    values[i] = value ?? counted;
    if (value === null) (unknown ??= new Uint8Array(column.length))[i] = 1;
  });
  // The server's value is that of the rule it ranked by, which may be another by now.
  for (const [row, low, high] of bounds ?? []) values[row] = between(rule, low, high);
  const fresh = { counted, alpha, bounds, values, unknown };
  columnsMade.set(column, fresh);
  return fresh;
}

function orderOfIds(id: string[]): Uint32Array {
  const made = ordersMade.get(id);
  if (made) return made;
  const order = Uint32Array.from(id, (_, i) => i).sort((a, b) => compare(id[a], id[b]));
  ordersMade.set(id, order);
  return order;
}

function compare(a = "", b = ""): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Scores and orders all sites under these shares (which add up to 1, one per criterion). */
export function rank(board: Board, shares: readonly number[]): Order {
  const { size, values } = board;
  const score = new Float64Array(size);
  values.forEach((column, n) => {
    const share = shares[n] ?? 0;
    if (share === 0) return;
    for (let i = 0; i < size; i += 1) score[i] = (score[i] as number) + share * (column[i] as number);
  });
  for (let i = 0; i < size; i += 1) score[i] = settled(score[i] as number);
  return { score, ...bestFirst(score, board, shares) };
}

/** The lowest and highest score of one site that its unknown values allow. */
export function bounds(board: Board, shares: readonly number[], i: number): { lowest: number; highest: number } {
  let lowest = 0;
  let highest = 0;
  board.values.forEach((column, n) => {
    const share = shares[n] ?? 0;
    const known = column[i] as number;
    const isOpen = board.unknown[n]?.[i] === 1;
    const [low, high] = isOpen ? (board.open[n] ?? [0, 1]) : (betweenAt(board.between[n], i) ?? [known, known]);
    lowest += share * low;
    highest += share * high;
  });
  return { lowest, highest };
}

const lookups = new WeakMap<Matrix["bounds"][number], Map<number, [number, number]>>();

/** The bounds of one site, if it has any; the list becomes a table when it is first asked. */
function betweenAt(list: Matrix["bounds"][number] | undefined, i: number): [number, number] | undefined {
  if (!list) return undefined;
  const made = lookups.get(list) ?? new Map(list.map(([row, low, high]) => [row, [low, high]]));
  lookups.set(list, made);
  return made.get(i);
}

/** Sums that are equal on paper but differ in their last bits tie. */
function settled(score: number): number {
  return Math.round(score * 1e12) / 1e12;
}

/**
 * Sites in the order of their ids: those with a score, those with a score that stand behind, those of which too little is
 * known, the excluded.
 */
interface Parts {
  readonly key: string;
  readonly scored: Uint32Array;
  readonly behind: Uint32Array;
  readonly apart: number;
  readonly rest: Uint32Array;
}

/**
 * Who has a score is kept while no weight changes; where nothing is unknown of any site, also while one is dragged, unless
 * it comes from zero or goes there.
 */
const partsMade = new WeakMap<Board, Parts>();

function partsOf(board: Board, shares: readonly number[]): Parts {
  const open = board.unknown.some((column) => column !== null);
  const key = open ? shares.join(" ") : shares.map((share) => (share > 0 ? "1" : "0")).join("");
  const made = partsMade.get(board);
  if (made?.key === key) return made;
  const isKnown = knowledge(board, shares);
  const scored = new Uint32Array(board.size);
  const behind: number[] = [];
  const unscored: number[] = [];
  const out: number[] = [];
  let size = 0;
  for (const i of board.byId) {
    if (board.excluded[i] === EXCLUDED) out.push(i);
    else if (!isKnown(i)) unscored.push(i);
    else if (board.undecidedBehind && board.excluded[i] === UNDECIDED) behind.push(i);
    else scored[size++] = i;
  }
  const rest = Uint32Array.from([...unscored, ...out]);
  const fresh = {
    key,
    scored: scored.subarray(0, size),
    behind: Uint32Array.from(behind),
    apart: unscored.length,
    rest,
  };
  partsMade.set(board, fresh);
  return fresh;
}

/** Whether enough of a site is known for a rank: something that weighs, and of the weight no more unknown than may be. */
function knowledge(board: Board, shares: readonly number[]): (i: number) => boolean {
  const weighing = board.unknown.filter((_, n) => (shares[n] ?? 0) > 0);
  const everywhere = weighing.includes(null);
  const missing = unknownShares(board, shares);
  return (i) =>
    atMost(missing?.[i] ?? 0, board.apartAbove) && (everywhere || weighing.some((column) => column?.[i] === 0));
}

/** The share of the weight of which nothing is known, by site; criteria without a layer left out. Null where nothing is unknown. */
function unknownShares({ size, unknown, withoutLayer }: Board, shares: readonly number[]): Float64Array | null {
  let whole = 0;
  let missing: Float64Array | null = null;
  for (const [n, column] of unknown.entries()) {
    const share = shares[n] ?? 0;
    if (share <= 0 || withoutLayer[n]) continue;
    whole += share;
    if (!column) continue;
    missing ??= new Float64Array(size);
    // Without a branch, which a processor cannot guess here.
    for (let i = 0; i < size; i += 1) missing[i] = (missing[i] as number) + share * (column[i] as number);
  }
  if (whole <= 0) return new Float64Array(size).fill(1);
  if (missing) for (let i = 0; i < size; i += 1) missing[i] = settled((missing[i] as number) / whole);
  return missing;
}

/** The same of one site, 0–1: asked for by row, it must not count all the others. */
export function unknownShare({ unknown, withoutLayer }: Board, shares: readonly number[], i: number): number {
  let whole = 0;
  let missing = 0;
  for (const [n, column] of unknown.entries()) {
    const share = shares[n] ?? 0;
    if (share <= 0 || withoutLayer[n]) continue;
    whole += share;
    if (column?.[i] === 1) missing += share;
  }
  return whole <= 0 ? 1 : settled(missing / whole);
}

function bestFirst(score: Float64Array, board: Board, shares: readonly number[]): Omit<Order, "score"> {
  const { scored, behind, apart, rest } = partsOf(board, shares);
  const order = new Uint32Array(board.size);
  const rank = new Uint32Array(board.size);
  const ranked = scored.length + behind.length;
  place(sorted(scored, score), 0);
  if (behind.length > 0) place(sorted(behind, score), scored.length);
  order.set(rest, ranked);
  return { order, ranked, behind: behind.length, apart, rank };

  /** Gives rows their ranks, best first, after so many others. */
  function place(best: Uint32Array, before: number): void {
    order.set(best, before);
    let shared = 0;
    let last = NaN;
    // Counted loops, here and below: a hundred thousand turns have to be quick before the browser has compiled them.
    for (let n = 0; n < best.length; n += 1) {
      const row = best[n] as number;
      const own = score[row] as number;
      if (own !== last) shared = before + n + 1;
      last = own;
      rank[row] = shared;
    }
  }
}

const HALF_BITS = 16;
const HALF = 2 ** HALF_BITS;
const LARGEST = HALF * HALF - 1;

/**
 * Rows by falling score, equals in the order given. A radix sort in two passes over 32-bit steps of the score takes a
 * tenth of the time of sorting with a comparison; rows closer than one step are put in exact order afterwards.
 */
function sorted(rows: Uint32Array, score: Float64Array): Uint32Array {
  const keys = new Uint32Array(score.length);
  for (let i = 0; i < keys.length; i += 1) {
    const worth = score[i] as number;
    // Rounding may leave a sum a hair outside 0–1.
    keys[i] = worth >= 1 ? 0 : worth <= 0 ? LARGEST : (1 - worth) * LARGEST;
  }
  const order = pass(pass(rows, keys, 0), keys, HALF_BITS);
  let before = Infinity;
  for (let place = 0; place < order.length; place += 1) {
    const row = order[place] as number;
    const own = score[row] as number;
    if (own <= before) {
      before = own;
      continue;
    }
    let slot = place;
    while (slot > 0 && (score[order[slot - 1] as number] as number) < own) {
      order[slot] = order[slot - 1] as number;
      slot -= 1;
    }
    order[slot] = row;
  }
  return order;
}

/** One pass of the radix sort, by the sixteen bits of each key from `shift` on. */
function pass(rows: Uint32Array, keys: Uint32Array, shift: number): Uint32Array {
  const next = new Uint32Array(HALF + 1);
  for (let n = 0; n < rows.length; n += 1) {
    const digit = ((keys[rows[n] as number] as number) >>> shift) & (HALF - 1);
    next[digit + 1] = (next[digit + 1] as number) + 1;
  }
  for (let digit = 0; digit < HALF; digit += 1) next[digit + 1] = (next[digit + 1] as number) + (next[digit] as number);
  const order = new Uint32Array(rows.length);
  for (let n = 0; n < rows.length; n += 1) {
    const row = rows[n] as number;
    const digit = ((keys[row] as number) >>> shift) & (HALF - 1);
    const slot = next[digit] as number;
    order[slot] = row;
    next[digit] = slot + 1;
  }
  return order;
}
