/** Which events come after which: by `after` alone, as `crates/registry/src/fold/order.rs` has it. */

export class Order {
  readonly #words: number;
  readonly #before: Uint32Array;
  /** The events, each after those that it comes after. */
  readonly sequence: number[] = [];
  /** Events that each come after the other. */
  readonly circles: number[][] = [];
  /** Whether no other event comes after it (but those of its own circle). */
  readonly isHead: boolean[];
  /** What each event names that is not in the set. */
  readonly missing: [number, string][] = [];

  /** `ids` are in order, each once; `after[i]` is what the event `i` names. */
  constructor(ids: readonly string[], after: readonly (readonly string[])[]) {
    const number = new Map(ids.map((id, i) => [id, i]));
    let inOrder = true;
    const parents = after.map((named, i) => {
      const known: number[] = [];
      for (const id of [...new Set(named)].sort()) {
        const parent = number.get(id);
        if (parent === undefined) this.missing.push([i, id]);
        else known.push(parent);
        inOrder &&= parent === undefined || parent < i;
      }
      return known;
    });
    const groups = inOrder ? ids.map((_, i) => [i]) : connected(parents);
    const groupOf = new Array<number>(ids.length).fill(0);
    groups.forEach((group, n) => group.forEach((i) => (groupOf[i] = n)));
    this.#words = Math.ceil(ids.length / 32);
    this.#before = new Uint32Array(this.#words * ids.length);
    this.isHead = ids.map(() => true);
    groups.forEach((group, n) => this.#place(group, n, parents, groups, groupOf));
  }

  #place(group: number[], n: number, parents: number[][], groups: number[][], groupOf: number[]): void {
    const row = this.emptyRow();
    for (const parent of group.flatMap((i) => parents[i] ?? [])) {
      if (groupOf[parent] === n) continue;
      add(row, this.row(parent));
      for (const i of groups[groupOf[parent] ?? 0] ?? []) {
        this.isHead[i] = false;
        row[i >>> 5] = (row[i >>> 5] ?? 0) | (1 << (i & 31));
      }
    }
    for (const i of group) {
      this.#before.set(row, i * this.#words);
      this.sequence.push(i);
    }
    const first = group[0] ?? 0;
    const namesItself = group.length === 1 && (parents[first] ?? []).includes(first);
    if (group.length > 1 || namesItself) this.circles.push(group);
  }

  /** Whether `late` comes after `early`, near or far. */
  isAfter(late: number, early: number): boolean {
    return has(this.row(late), early);
  }

  /** All events that `i` comes after, as a row of bits. */
  row(i: number): Uint32Array {
    return this.#before.subarray(i * this.#words, (i + 1) * this.#words);
  }

  emptyRow(): Uint32Array {
    return new Uint32Array(this.#words);
  }
}

export const has = (row: Uint32Array, i: number): boolean => ((row[i >>> 5] ?? 0) & (1 << (i & 31))) !== 0;

export function add(row: Uint32Array, more: Uint32Array): void {
  for (let i = 0; i < row.length; i += 1) row[i] = (row[i] ?? 0) | (more[i] ?? 0);
}

/** Tarjan's strongly connected components, without recursion: parents come before their children, each group in order. */
function connected(parents: readonly (readonly number[])[]): number[][] {
  const index: number[] = [];
  const low: number[] = [];
  const onStack = new Set<number>();
  const stack: number[] = [];
  const groups: number[][] = [];
  let next = 0;
  const lower = (i: number, to: number | undefined) => (low[i] = Math.min(low[i] ?? 0, to ?? 0));
  for (let root = 0; root < parents.length; root += 1) {
    if (index[root] !== undefined) continue;
    const work: [number, number][] = [[root, 0]];
    for (let top = work.pop(); top; top = work.pop()) {
      const [i, at] = top;
      if (at === 0) {
        index[i] = low[i] = next;
        next += 1;
        stack.push(i);
        onStack.add(i);
      }
      const parent = parents[i]?.[at];
      if (parent !== undefined) {
        work.push([i, at + 1]);
        if (index[parent] === undefined) work.push([parent, 0]);
        else if (onStack.has(parent)) lower(i, index[parent]);
        continue;
      }
      if (low[i] === index[i]) {
        const group = stack.splice(stack.lastIndexOf(i));
        group.forEach((one) => onStack.delete(one));
        groups.push(group.sort((a, b) => a - b));
      }
      const child = work.at(-1)?.[0];
      if (child !== undefined) lower(child, low[i]);
    }
  }
  return groups;
}
