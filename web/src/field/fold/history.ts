/** One history: the events of a record and of those that go on in it, and the state that they give. */
import { byText, fieldOf, householdId, memberOf, textOf } from "./event";
import {
  answerPath,
  memberOfHousehold,
  standing as standingWrites,
  values,
  writes,
  type Node,
  type Write,
} from "./facts";
import { Order } from "./order";
import { placeIn } from "./place";
import { standing, stepsOf, type Standing } from "./standing";
import type { Contact, Effect, Said, Side, State, Trouble } from "./state";
import type { Value } from "./event";

export interface History {
  household: string;
  records: string[];
  /** Its events in order of id, each once. */
  nodes: Node[];
  sameIds: string[];
  splitFrom: { household: string; event: string }[];
}

export const orderOf = (nodes: readonly Node[]): Order =>
  new Order(
    nodes.map(({ event }) => event.id),
    nodes.map(({ event }) => event.after),
  );

/** The households that each member belongs to by `members/<id>/household`, as far as any event says. */
export function homes(nodes: readonly Node[], order: Order): Map<string, string[]> {
  return new Map(
    [...writes(nodes, order)].flatMap(([path, list]): [string, string[]][] => {
      const member = memberOfHousehold(path);
      return member === null ? [] : [[member, homesOf(standingWrites(list, order))]];
    }),
  );
}

const homesOf = (stand: Write[]): string[] =>
  values(stand)
    .map(({ value }) => householdId(value))
    .filter((home) => home !== null);

/** The state that a history gives. `isKnown` tells whether an event that is not in it is known in another. */
export function foldHistory(history: History, isKnown: (id: string) => boolean): State {
  return new Work(history).run(isKnown);
}

class Work {
  readonly #nodes: Node[];
  readonly #order: Order;
  readonly #holding: number[];
  readonly #said: boolean[];
  readonly #state: State;

  constructor(history: History) {
    this.#nodes = history.nodes;
    this.#order = orderOf(history.nodes);
    this.#holding = history.nodes.map(() => 0);
    this.#said = history.nodes.map(() => false);
    this.#state = {
      household: history.household,
      records: history.records,
      merged_into: null,
      split_from: history.splitFrom,
      statuses: [],
      facts: {},
      sites: [],
      place: null,
      moves: [],
      contacts: [],
      conflicts: [],
      referrals: [],
      given_away: {},
      heads: [],
      troubles: history.sameIds.map((event): Trouble => ({ trouble: "same_id", event })),
      trace: [],
    };
  }

  run(isKnown: (id: string) => boolean): State {
    this.#facts();
    const stands = this.#standing();
    this.#referrals();
    this.#troubles(isKnown);
    this.#trace(stands);
    this.#state.conflicts.sort((a, b) => byText(a.path, b.path));
    return this.#state;
  }

  #node(number: number): Node {
    const node = this.#nodes[number];
    if (!node) throw new RangeError("There is no such event.");
    return node;
  }

  #who(number: number): Said {
    const { event, author } = this.#node(number);
    const { id, happened_on, recorded_at } = event;
    return { event: id, author: author ?? null, happened_on, recorded_at };
  }

  #side = (value: Value, events: number[]): Side => ({ value, said: events.map((number) => this.#who(number)) });

  #facts(): void {
    const all = writes(this.#nodes, this.#order);
    const departures = this.#departures(all);
    for (const [path, list] of all) {
      for (const { event } of list) this.#said[event] = true;
      let stand = standingWrites(list, this.#order);
      const left = departures.get(memberOf(path) ?? "");
      if (left && fieldOf(path) !== "household") {
        // What was known of a member who went to another household is known there.
        stand = stand.filter(({ event }) => !left.some((at) => at === event || this.#order.isAfter(at, event)));
        if (stand.length === 0) continue;
      }
      for (const { event } of stand) this.#holding[event] = (this.#holding[event] ?? 0) + 1;
      const held = values(stand);
      if (held.length > 1) {
        this.#state.conflicts.push({ path, sides: held.map(({ value, by }) => this.#side(value, by)) });
      }
      this.#state.facts[path] = {
        values: held.map(({ value, by }) => ({ value, by: by.map((number) => this.#node(number).event.id) })),
      };
    }
  }

  /** For members who went to other households the events that say so. */
  #departures(all: Map<string, Write[]>): Map<string, number[]> {
    const departures = new Map<string, number[]>();
    for (const [path, list] of all) {
      const member = memberOfHousehold(path);
      if (member === null) continue;
      const stand = standingWrites(list, this.#order);
      const found = homesOf(stand);
      if (found.length === 0 || found.some((home) => this.#state.records.includes(home))) continue;
      departures.set(
        member,
        stand.map(({ event }) => event),
      );
      this.#state.given_away[member] = found;
    }
    return departures;
  }

  /** The numbers of events of which a step stands. */
  #standing(): Set<number> {
    const own = this.#order.sequence.filter((number) => !this.#node(number).members);
    const steps = own.flatMap((number) => stepsOf(this.#node(number), number));
    for (const { event } of steps) this.#said[event] = true;
    const found = standing(steps, this.#order);
    if (found.statusSides.length > 0) {
      this.#state.conflicts.push({ path: "status", sides: found.statusSides.map((side) => this.#side(...side)) });
    }
    if (found.siteSides.length > 0) {
      this.#state.conflicts.push({ path: "placement.site", sides: found.siteSides.map((side) => this.#side(...side)) });
    }
    this.#state.statuses = found.statuses;
    this.#state.sites = found.sites;
    this.#state.place = placeIn(this.#nodes, this.#order, found.moves);
    this.#moves(found);
    this.#contacts(own, found);
    return new Set(found.standing);
  }

  #moves(found: Standing): void {
    for (const number of found.moves) {
      const { event } = this.#node(number);
      const site = textOf(event["site"]);
      if (site !== null) {
        this.#state.moves.push({ event: event.id, site, plot: textOf(event["plot"]), on: event.happened_on });
      }
    }
  }

  #contacts(own: number[], found: Standing): void {
    for (const number of own) {
      const { event } = this.#node(number);
      if (!["visited", "not_found", "left"].includes(event.kind)) continue;
      this.#state.contacts.push({
        event: event.id,
        kind: event.kind as Contact["kind"],
        on: event.happened_on,
        reason: textOf(event["reason"]),
        is_replaced: found.replaced.includes(number),
        last_there: textOf(event["last_there"]),
        first_gone: textOf(event["first_gone"]),
      });
    }
  }

  #referrals(): void {
    for (const number of this.#order.sequence) {
      const { event, members } = this.#node(number);
      if (event.kind !== "referred" || members) continue;
      const answers = this.#state.facts[answerPath(event.id)]?.values ?? [];
      this.#state.referrals.push({
        event: event.id,
        service: textOf(event["service"]) ?? "",
        to: textOf(event["to"]),
        on: event.happened_on,
        answers: answers.map(({ value }) => textOf(value)).filter((answer) => answer !== null),
      });
      this.#said[number] = true;
      this.#holding[number] = (this.#holding[number] ?? 0) + 1;
    }
  }

  #troubles(isKnown: (id: string) => boolean): void {
    const { troubles } = this.#state;
    const missing = new Map<number, string[]>();
    for (const [number, id] of this.#order.missing) {
      if (!isKnown(id)) missing.set(number, [...(missing.get(number) ?? []), id]);
    }
    const waiting = [...missing].map(([number, ids]): Trouble => ({
      trouble: "waiting",
      event: this.#node(number).event.id,
      missing: ids,
    }));
    const circles = this.#order.circles.map((circle): Trouble => ({
      trouble: "circle",
      events: circle.map((number) => this.#node(number).event.id),
    }));
    troubles.unshift(...waiting, ...circles);
  }

  #trace(stands: Set<number>): void {
    for (const number of this.#order.sequence) {
      const { event, members } = this.#node(number);
      const isTie = event.kind === "merged" || event.kind === "split";
      const holding = this.#holding[number] ?? 0;
      const effect: Effect = members
        ? "inherited"
        : holding > 0 || stands.has(number) || isTie
          ? "holds"
          : this.#said[number]
            ? "replaced"
            : "kept";
      const { household, kind } = event;
      this.#state.trace.push({ ...this.#who(number), household, kind, effect, holding });
      if (this.#order.isHead[number]) this.#state.heads.push(event.id);
    }
    this.#state.heads.sort(byText);
  }
}
