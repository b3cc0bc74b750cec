/** Where a household stands by its steps, as `crates/registry/src/fold/standing.rs` has it; the reasons are told there. */
import { isStatus, rankOf, STATUSES, type Status } from "./state";
import { textOf } from "./event";
import type { Node } from "./facts";
import { add, has, type Order } from "./order";

export type What =
  | { is: "surveyed" | "verified" | "not_found" | "left" }
  | { is: "offered" | "accepted" | "moved"; site: string }
  | { is: "declined"; site: string | null }
  | { is: "visited"; resident: boolean }
  | { is: "status"; status: Status }
  | { is: "site"; site: string | null };

export interface Step {
  event: number;
  what: What;
}

interface At extends Step {
  at: number;
}

export interface Standing {
  statuses: Status[];
  statusSides: [Status, number[]][];
  sites: string[];
  siteSides: [string | null, number[]][];
  /** The numbers of events of which a step stands. */
  standing: number[];
  replaced: number[];
  moves: number[];
}

/** The steps of an event. */
export function stepsOf({ event }: Node, number: number): Step[] {
  const site = textOf(event["site"]);
  const step = (what: What): Step => ({ event: number, what });
  switch (event.kind) {
    case "surveyed":
    case "verified":
    case "not_found":
    case "left":
      return [step({ is: event.kind })];
    case "offered":
    case "accepted":
    case "moved":
      return site === null ? [] : [step({ is: event.kind, site })];
    case "declined":
      return [step({ is: "declined", site })];
    case "visited":
      return [step({ is: "visited", resident: event.facts?.["visit.resident"] !== false })];
    case "corrected": {
      const status = event.facts?.["status"];
      const place = event.facts?.["placement.site"];
      return [
        ...(isStatus(status) ? [step({ is: "status", status })] : []),
        ...(place === undefined ? [] : [step({ is: "site", site: textOf(place) })]),
      ];
    }
    default:
      return [];
  }
}

type Met = "here" | "not_found" | "gone";

function met(what: What): Met | null {
  if (what.is === "offered" || what.is === "site") return null;
  const name = what.is === "status" ? what.status : what.is;
  return name === "not_found" ? "not_found" : name === "left" ? "gone" : "here";
}

const siteOf = (what: What): string | null => ("site" in what ? what.site : null);
const isGone = (what: What): boolean => met(what) === "gone";

/** How far a step brings a household; null for those that say nothing about it. */
function rank(what: What): Status | null {
  switch (what.is) {
    case "visited":
    case "not_found":
    case "site":
      return null;
    case "left":
      return "recorded";
    case "status":
      return ["left", "not_found", "merged"].includes(what.status) ? "recorded" : what.status;
    default:
      return what.is;
  }
}

const rankNumber = (what: What): number => {
  const status = rank(what);
  return status === null ? -1 : rankOf(status);
};

/** Steps are in the order's sequence. */
export function standing(steps: readonly Step[], order: Order): Standing {
  if (steps.length === 0) {
    return { statuses: ["recorded"], statusSides: [], sites: [], siteSides: [], standing: [], replaced: [], moves: [] };
  }
  const walk = new Walk(steps, order);
  const progress = walk.standing((what) => rank(what) !== null, walk.passes);
  const settled = walk.settled();
  const whereabouts = walk.standing((what) => met(what) !== null, walk.meets);
  const places = walk.standing(({ is }) => ["accepted", "moved", "declined", "site"].includes(is), walk.replaces);
  const eventOf = (at: number) => steps[at]?.event ?? 0;
  return {
    ...walk.statuses(progress, settled, whereabouts),
    ...sitesOf(places, steps),
    standing: [...progress, ...settled, ...whereabouts, ...places].map(eventOf),
    replaced: walk.replaced(),
    moves: walk.moves(),
  };
}

function sitesOf(places: number[], steps: readonly Step[]): Pick<Standing, "sites" | "siteSides"> {
  const sides = new Map<string | null, number[]>();
  for (const step of places.map((at) => steps[at])) {
    if (!step || step.what.is === "declined") continue;
    const site = siteOf(step.what);
    sides.set(site, [...(sides.get(site) ?? []), step.event]);
  }
  const inOrder = [...sides].sort(([a], [b]) => (a === b ? 0 : a === null ? -1 : b === null ? 1 : a < b ? -1 : 1));
  return {
    sites: inOrder.map(([site]) => site).filter((site) => site !== null),
    siteSides: inOrder.length > 1 ? inOrder : [],
  };
}

class Walk {
  readonly #steps: readonly Step[];
  readonly #order: Order;
  /** For each step the events that come before a new beginning (a survey, an offer) that it comes after. */
  readonly #reopened: Uint32Array[] = [];
  /** For each step with a site the events before an offer of that site, or a departure, that it comes after. */
  readonly #offered: Uint32Array[] = [];

  constructor(steps: readonly Step[], order: Order) {
    this.#steps = steps;
    this.#order = order;
    if (steps.some(({ what }) => isGone(what))) {
      this.#reopened = steps.map((step) => this.#beforeAny(step, ({ is }) => is === "surveyed" || is === "offered"));
    }
    const sites = new Set(steps.map(({ what }) => siteOf(what)).filter((site) => site !== null));
    if (sites.size > 1 || steps.some(({ what }) => what.is === "declined")) {
      this.#offered = steps.map((step) =>
        this.#beforeAny(
          step,
          (what) => what.is === "left" || (what.is === "offered" && siteOf(what) === siteOf(step.what)),
        ),
      );
    }
  }

  #beforeAny(late: Step, isMeant: (what: What) => boolean): Uint32Array {
    const row = this.#order.emptyRow();
    for (const step of this.#steps) {
      if (isMeant(step.what) && this.#order.isAfter(late.event, step.event)) add(row, this.#order.row(step.event));
    }
    return row;
  }

  /** The places of the steps of one question of which no later one takes the place. */
  standing(isAsked: (what: What) => boolean, takesPlace: (late: At, early: At) => boolean): number[] {
    const asked = this.#steps.map((step, at): At => ({ ...step, at })).filter(({ what }) => isAsked(what));
    return asked
      .filter(
        (early, i) =>
          !asked.slice(i + 1).some((late) => this.#order.isAfter(late.event, early.event) && takesPlace(late, early)),
      )
      .map(({ at }) => at);
  }

  /** Visits that found the family at its new home, and that no later move, departure or correction made old. */
  settled(): number[] {
    const isVisit = ({ what }: Step) => what.is === "visited" && what.resident;
    if (!this.#steps.some(isVisit)) return [];
    // Moves of before a departure count no more once the family has begun anew.
    const departed =
      this.#reopened.length === 0
        ? []
        : this.#steps
            .filter(({ what }) => what.is === "surveyed" || what.is === "offered")
            .map((step) => [step.event, this.#beforeAny(step, isGone)] as const);
    const hasMoved = (visit: Step) => {
      const closed = this.#order.emptyRow();
      for (const [opening, before] of departed) {
        if (this.#order.isAfter(visit.event, opening)) add(closed, before);
      }
      return this.#steps.some(
        ({ event, what }) =>
          (what.is === "moved" || (what.is === "status" && ["moved", "settled"].includes(what.status))) &&
          this.#order.isAfter(visit.event, event) &&
          !has(closed, event),
      );
    };
    const isOld = (visit: Step) =>
      this.#steps.some(
        ({ event, what }) => ["moved", "left", "status"].includes(what.is) && this.#order.isAfter(event, visit.event),
      );
    return this.#steps.flatMap((step, at) => (isVisit(step) && hasMoved(step) && !isOld(step) ? [at] : []));
  }

  passes = (late: At, early: At): boolean => {
    const [l, e] = [late.what, early.what];
    // Moving where one declined needs a new offer or an acceptance in between.
    if (l.is === "moved" && e.is === "declined") {
      return (e.site !== null && e.site !== l.site) || this.#wasOffered(late, early);
    }
    if (l.is === "status" || l.is === "left" || l.is === "moved") return true;
    if (l.is === "offered" && e.is === "declined") return e.site === l.site;
    if (l.is === "declined" && e.is === "accepted") return l.site === null || l.site === e.site;
    if (l.is === "declined") return rankNumber(e) <= rankOf("offered");
    if ((l.is === "surveyed" || l.is === "verified") && e.is === "declined") return false;
    return rankNumber(l) >= rankNumber(e);
  };

  #wasOffered(late: At, early: At): boolean {
    const row = this.#offered[late.at];
    return row !== undefined && has(row, early.event);
  }

  meets = (late: At, early: At): boolean => {
    if (late.what.is === "status" || met(late.what) === "gone") return true;
    if (met(late.what) === "not_found") return met(early.what) !== "gone";
    if (met(late.what) === "here" && met(early.what) === "gone") {
      // Who is surveyed or offered a site after leaving begins anew.
      const row = this.#reopened[late.at];
      return late.what.is === "surveyed" || (row !== undefined && has(row, early.event));
    }
    return true;
  };

  replaces = (late: At, early: At): boolean => {
    const [l, e] = [late.what, early.what];
    if (l.is === "site" || e.is === "declined" || (e.is === "site" && e.site === null)) return true;
    if (l.is === "declined") return e.is !== "moved" && (l.site === null || l.site === siteOf(e));
    // Another site needs a new offer of it, or a departure, made after the first was taken.
    return siteOf(l) === siteOf(e) || this.#wasOffered(late, early);
  };

  statuses(progress: number[], settled: number[], whereabouts: number[]): Pick<Standing, "statuses" | "statusSides"> {
    const furthest: Status =
      settled.length > 0
        ? "settled"
        : (STATUSES[Math.max(0, ...progress.map((at) => rankNumber(this.#what(at))))] ?? "recorded");
    const events = (wanted: Met) =>
      whereabouts
        .map((at) => this.#steps[at])
        .filter((step): step is Step => step !== undefined && met(step.what) === wanted)
        .map(({ event }) => event);
    const [here, notFound, gone] = [events("here"), events("not_found"), events("gone")];
    const split = (sides: [Status, number[]][]) => ({ statuses: sides.map(([status]) => status), statusSides: sides });
    if (gone.length > 0 && here.length > 0) {
      return split([
        [furthest, here],
        ["left", gone],
      ]);
    }
    if (gone.length > 0) return { statuses: ["left"], statusSides: [] };
    if (here.length === 0 && notFound.length > 0) return { statuses: ["not_found"], statusSides: [] };
    const sides = this.#exclusive(progress, settled);
    return sides.length > 0 ? split(sides) : { statuses: [furthest], statusSides: [] };
  }

  #what(at: number): What {
    const step = this.#steps[at];
    if (!step) throw new RangeError("There is no such step.");
    return step.what;
  }

  /** Steps of progress that exclude each other, by status. */
  #exclusive(progress: number[], settled: number[]): [Status, number[]][] {
    const ranked = [
      ...progress.flatMap((at) => {
        const step = this.#steps[at];
        const status = step && rank(step.what);
        return step && status ? [{ status, step }] : [];
      }),
      ...settled.flatMap((at) => {
        const step = this.#steps[at];
        return step ? [{ status: "settled" as Status, step }] : [];
      }),
    ];
    const excluded = ranked.filter((a) =>
      ranked.some(
        (b) => a !== b && a.status !== b.status && (this.#excludes(a.step, b.step) || this.#excludes(b.step, a.step)),
      ),
    );
    const sides = new Map<Status, number[]>();
    for (const { status, step } of excluded) sides.set(status, [...(sides.get(status) ?? []), step.event]);
    return [...sides].sort(([a], [b]) => rankOf(a) - rankOf(b));
  }

  /** Whether `a`, a correction or a refusal, excludes `b`; both stand. */
  #excludes(a: Step, b: Step): boolean {
    const isAfter = this.#order.isAfter(a.event, b.event);
    if (a.what.is === "status") return a.event !== b.event && !isAfter && !this.#order.isAfter(b.event, a.event);
    if (a.what.is === "declined" && (b.what.is === "accepted" || b.what.is === "moved")) {
      return (a.what.site === null || a.what.site === b.what.site) && !isAfter;
    }
    return false;
  }

  /** Attempts after which somebody met the family, and departures that were undone. */
  replaced(): number[] {
    const all = this.#steps.map((step, at): At => ({ ...step, at }));
    return all
      .filter(({ what }) => what.is === "not_found" || what.is === "left")
      .filter((early) =>
        all.slice(early.at + 1).some((late) => {
          const kind = met(late.what);
          return (
            kind !== null &&
            kind !== met(early.what) &&
            this.#order.isAfter(late.event, early.event) &&
            (early.what.is === "left" || !isGone(late.what)) &&
            this.meets(late, early)
          );
        }),
      )
      .map(({ event }) => event);
  }

  /** Moves that no correction of the site undid. */
  moves(): number[] {
    // A correction that came after the family had moved on undoes the last move, not the ones before.
    const corrections = this.#steps
      .filter(({ what }) => what.is === "site")
      .map((step) => ({ step, passed: this.#beforeAny(step, ({ is }) => is === "moved" || is === "left") }));
    const isUndone = (moved: Step) =>
      corrections.some(
        ({ step, passed }) =>
          siteOf(step.what) !== siteOf(moved.what) &&
          this.#order.isAfter(step.event, moved.event) &&
          !has(passed, moved.event),
      );
    return this.#steps.filter((step) => step.what.is === "moved" && !isUndone(step)).map(({ event }) => event);
  }
}
