/** Which records make one history: merges and splits (`crates/registry/src/fold/records.rs`). */
import { byText, plain, splitMembers, toHousehold, type Value } from "./event";
import type { Node } from "./facts";
import { foldHistory, homes, orderOf, type History } from "./history";
import type { Known, State } from "./state";

/** The states of all households that the events are about. */
export function foldAll(all: readonly Known[]): Map<string, State> {
  return new Records(all).fold();
}

/** The households that a household is tied to by merges and splits, near and far, itself included. */
export function tiedTo(household: string, ties: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const found = new Set([household]);
  for (const one of found) for (const other of ties.get(one) ?? []) found.add(other);
  return found;
}

type Gift = [split: Known, members: Set<string>];

class Records {
  readonly #own = new Map<string, Known[]>();
  readonly #sameIds = new Map<string, string[]>();
  readonly #ids = new Set<string>();
  /** The record that each merged one goes on in. */
  readonly #goesOn = new Map<string, string>();
  readonly #torn = new Map<string, [to: string, known: Known][]>();
  readonly #splits: Known[] = [];
  readonly #tied = new Set<string>();

  constructor(all: readonly Known[]) {
    const sorted = [...all].sort(
      (a, b) => byText(a.event.household, b.event.household) || byText(a.event.id, b.event.id),
    );
    for (const known of sorted) {
      this.#ids.add(known.event.id);
      this.#add(known);
    }
    for (const [household, own] of this.#own) this.#tie(household, own);
  }

  /** Of two contents of one id the first in order of its text stays. */
  #add(known: Known): void {
    const { household, id } = known.event;
    const own = this.#own.get(household);
    if (!own) {
      this.#own.set(household, [known]);
      return;
    }
    const last = own.at(-1);
    if (last?.event.id !== id) {
      own.push(known);
      return;
    }
    const [was, is] = [plain(last.event as Value), plain(known.event as Value)];
    if (was === is) return;
    const ids = this.#sameIds.get(household) ?? [];
    if (!ids.includes(id)) this.#sameIds.set(household, [...ids, id]);
    if (is < was) own[own.length - 1] = known;
  }

  #tie(household: string, own: Known[]): void {
    for (const known of own) {
      const to = toHousehold(known.event);
      if (to === null) continue;
      this.#tied.add(household).add(to);
      if (known.event.kind === "split") this.#splits.push(known);
    }
    if (!own.some(({ event }) => event.kind === "merged")) return;
    const targets = mergeTargets(own).filter(([to], i, list) => list[i - 1]?.[0] !== to);
    const [first] = targets;
    if (targets.length > 1) this.#torn.set(household, targets);
    else if (first) this.#goesOn.set(household, first[0]);
  }

  fold(): Map<string, State> {
    const states = new Map<string, State>();
    for (const household of this.#own.keys()) {
      if (!this.#tied.has(household)) states.set(household, this.#state(this.#history(household, [household])));
    }
    const groups = this.#groups();
    const endOf = new Map([...groups].flatMap(([end, { members }]) => members.map((record) => [record, end] as const)));
    const gifts = this.#gifts(groups, endOf);
    for (const [end, { members, circle }] of groups) {
      const records = [end, ...members.filter((record) => record !== end)];
      const history = this.#history(end, records);
      this.#inherit(history, gifts.get(end) ?? []);
      const state = this.#state(history);
      if (circle.length > 1) state.troubles.push({ trouble: "merge_circle", records: circle });
      for (const record of members) {
        this.#tear(record, state);
        if (record !== end) states.set(record, this.#merged(record, end));
      }
      states.set(end, state);
    }
    return states;
  }

  #state = (history: History): State => foldHistory(history, (id) => this.#ids.has(id));

  #merged(record: string, end: string): State {
    const state = this.#state(this.#history(record, [record]));
    state.merged_into = end;
    state.statuses = ["merged"];
    // What stands against each other about its status is told where the record goes on.
    state.conflicts = state.conflicts.filter(({ path }) => path !== "status");
    return state;
  }

  #history(household: string, records: string[]): History {
    const nodes = eachOnce(records.flatMap((record) => this.#own.get(record) ?? []));
    return { household, records, nodes, sameIds: records.flatMap((r) => this.#sameIds.get(r) ?? []), splitFrom: [] };
  }

  /** The record that a record goes on in at last, and the records of a circle if it ends in one. */
  #end(household: string): [end: string, circle: string[]] {
    const passed = [household];
    let at = household;
    for (let next = this.#goesOn.get(at); next !== undefined; next = this.#goesOn.get(at)) {
      const from = passed.indexOf(next);
      if (from >= 0) {
        const circle = passed.slice(from).sort(byText);
        return [circle[0] ?? next, circle];
      }
      passed.push(next);
      at = next;
    }
    return [at, []];
  }

  #groups(): Map<string, { members: string[]; circle: string[] }> {
    const groups = new Map<string, { members: string[]; circle: string[] }>();
    for (const household of [...this.#tied].sort(byText)) {
      const [end, circle] = this.#end(household);
      const group = groups.get(end) ?? { members: [], circle: [] };
      group.members.push(household);
      if (circle.length > 0) group.circle = circle;
      groups.set(end, group);
    }
    return groups;
  }

  /** Adds the conflict of a record that is said to go on in several others. */
  #tear(record: string, state: State): void {
    const targets = this.#torn.get(record);
    if (!targets) return;
    const sides = targets.map(([to, { event, author }]) => ({
      value: to,
      said: [
        {
          event: event.id,
          author: author ?? null,
          happened_on: event.happened_on,
          recorded_at: event.recorded_at,
        },
      ],
    }));
    state.conflicts.push({ path: "merged.to", sides });
    state.conflicts.sort((a, b) => byText(a.path, b.path));
  }

  /** What each history is given by splits of others. */
  #gifts(groups: Map<string, { members: string[] }>, endOf: Map<string, string>): Map<string, Gift[]> {
    const homesOf = new Map<string, Map<string, string[]>>();
    const gifts = new Map<string, Gift[]>();
    for (const split of this.#splits) {
      const to = toHousehold(split.event) ?? "";
      const giver = endOf.get(split.event.household);
      const taker = endOf.get(to);
      if (giver === undefined || taker === undefined || giver === taker) continue;
      let found = homesOf.get(giver);
      if (!found) {
        const { nodes } = this.#history(giver, groups.get(giver)?.members ?? []);
        found = homes(nodes, orderOf(nodes));
        homesOf.set(giver, found);
      }
      const members = splitMembers(split.event).filter((member) => found.get(member)?.includes(to));
      gifts.set(taker, [...(gifts.get(taker) ?? []), [split, new Set(members)]]);
    }
    return gifts;
  }

  /** Adds the events of other histories that tell of members who came from there. */
  #inherit(history: History, gifts: Gift[]): void {
    const ofTied = new Map(
      [...this.#tied].flatMap((record) => this.#own.get(record) ?? []).map((known) => [known.event.id, known]),
    );
    const inherited = new Map<string, { known: Known; members: Set<string> }>();
    for (const [split, members] of gifts) {
      history.splitFrom.push({ household: split.event.household, event: split.event.id });
      const passed = new Set([split.event.id]);
      const open = [split];
      for (let known = open.pop(); known; known = open.pop()) {
        const { id, household, after } = known.event;
        const entry = inherited.get(id) ?? { known, members: new Set() };
        members.forEach((member) => entry.members.add(member));
        inherited.set(id, entry);
        // A split that brought members to the giver leads on to where they were before.
        const earlier = this.#splits
          .filter(({ event }) => toHousehold(event) === household)
          .map(({ event }) => event.id);
        for (const before of [...after, ...earlier]) {
          const found = ofTied.get(before);
          if (found && !passed.has(before)) {
            passed.add(before);
            open.push(found);
          }
        }
      }
    }
    history.splitFrom.sort((a, b) => byText(a.household, b.household) || byText(a.event, b.event));
    const foreign = [...inherited.values()]
      .filter(({ known }) => !history.records.includes(known.event.household))
      .map(({ known, members }): Node => ({ ...known, members }));
    history.nodes = eachOnce([...history.nodes, ...foreign]);
  }
}

function eachOnce(nodes: readonly Node[]): Node[] {
  const sorted = [...nodes].sort((a, b) => byText(a.event.id, b.event.id));
  return sorted.filter((node, i) => sorted[i - 1]?.event.id !== node.event.id);
}

/** Where a record's events say that it goes on: all that nothing came after and no correction of the status undid. */
function mergeTargets(own: readonly Known[]): [to: string, known: Known][] {
  const order = orderOf(own);
  const takesPlace = own.flatMap(({ event }, number) => {
    const isCorrection = event.kind === "corrected" && event.facts?.["status"] !== undefined;
    return event.kind === "merged" || isCorrection ? [number] : [];
  });
  return takesPlace
    .filter((number) => !takesPlace.some((late) => order.isAfter(late, number)))
    .flatMap((number): [string, Known][] => {
      const known = own[number];
      const to = known?.event.kind === "merged" ? toHousehold(known.event) : null;
      return known && to !== null ? [[to, known]] : [];
    })
    .sort(([a, one], [b, other]) => byText(a, b) || byText(one.event.id, other.event.id));
}
