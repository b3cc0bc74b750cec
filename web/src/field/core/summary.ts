/** What lists and the map need to know of a household, made of its state: kept so that opening the app folds nothing twice. */
import { dueVisits, type Schedule } from "../fold/due";
import type { FieldEvent, Place, Value } from "../fold/event";
import { isHidden, valueOf, type State, type Status } from "../fold/state";

/** A visit of the schedule that is still to be made. */
export interface Open {
  months: number;
  from: string;
  on: string;
  until: string;
  /** When the window of the next one opens: then this one was missed. */
  next: string | null;
}

export interface Summary {
  id: string;
  /** The code on the card, or null where there is none yet. */
  code: string | null;
  name: string | null;
  nameLatin: string | null;
  /** All names of its people, to search by. */
  names: string[];
  people: number | null;
  lon: number | null;
  lat: number | null;
  /** Whether the position is that of its site, not its own. */
  atSite: boolean;
  statuses: Status[];
  conflicts: number;
  visits: Open[];
  notFound: number;
  /** Referrals without an answer. */
  referred: number;
  mergedInto: string | null;
  hidden: boolean;
  /** The day on which somebody last met or looked for the family. */
  lastOn: string | null;
}

/** What a household needs, the most urgent first. */
export type Need = "conflict" | "overdue" | "visit" | "survey" | "nothing";
export const NEEDS: readonly Need[] = ["conflict", "overdue", "visit", "survey", "nothing"];

export function summaryOf(
  state: State,
  events: readonly FieldEvent[],
  schedule: Schedule,
  siteAt: (id: string) => { lon: number; lat: number } | null,
): Summary {
  const text = (path: string): string | null => {
    const value = state.facts[path]?.values[0]?.value;
    return typeof value === "string" && value.trim() !== "" ? value : null;
  };
  const size = valueOf(state, "size");
  const visits = dueVisits(state, schedule, "9999-12-31");
  const place = placeOf(state, events, siteAt);
  return {
    id: state.household,
    code: text("card.code"),
    name: text("head.name"),
    nameLatin: text("head.name_latin"),
    names: namesIn(state),
    people: typeof size === "number" ? size : membersIn(state) || null,
    lon: place?.lon ?? null,
    lat: place?.lat ?? null,
    atSite: place?.atSite ?? false,
    statuses: state.statuses,
    conflicts: state.conflicts.length,
    visits: visits
      .map((visit, i): Open & { standing: string } => ({ ...visit, next: visits[i + 1]?.from ?? null }))
      .filter(({ standing }) => standing !== "done" && standing !== "not_needed")
      .map(({ months, from, on, until, next }) => ({ months, from, on, until, next })),
    notFound: state.contacts.filter(({ kind, is_replaced }) => kind === "not_found" && !is_replaced).length,
    referred: state.referrals.filter(({ answers }) => answers.length === 0).length,
    mergedInto: state.merged_into,
    hidden: isHidden(state),
    lastOn:
      state.trace
        .map(({ happened_on }) => happened_on)
        .sort()
        .at(-1) ?? null,
  };
}

function namesIn(state: State): string[] {
  const names = Object.entries(state.facts).flatMap(([path, { values }]) =>
    /(^head\.|^members\/.*\/)name([._].*)?$/.test(path) ? values.map(({ value }) => value) : [],
  );
  return [...new Set(names.filter((name): name is string => typeof name === "string" && name.trim() !== ""))];
}

const membersIn = (state: State): number =>
  new Set(Object.keys(state.facts).flatMap((path) => /^members\/([^/]+)\/(?!household$)/.exec(path)?.[1] ?? [])).size;

/** Where the family is: where somebody last met it, or its site if it moved after that. */
function placeOf(
  state: State,
  events: readonly FieldEvent[],
  siteAt: (id: string) => { lon: number; lat: number } | null,
): { lon: number; lat: number; atSite: boolean } | null {
  const byId = new Map(events.map((event) => [event.id, event]));
  for (const { event: id, effect } of [...state.trace].reverse()) {
    const event = byId.get(id);
    if (!event || effect === "inherited") continue;
    const site = event.kind === "moved" && typeof event["site"] === "string" ? siteAt(event["site"]) : null;
    if (site) return { ...site, atSite: true };
    // A failed attempt tells where somebody stood, not where the family lives.
    if (isPlace(event.location) && ["surveyed", "verified", "visited", "corrected"].includes(event.kind)) {
      return { lon: event.location.lon, lat: event.location.lat, atSite: false };
    }
  }
  return null;
}

const isPlace = (place: Place | undefined): place is Place =>
  place !== undefined && Number.isFinite(place.lon) && Number.isFinite(place.lat);

/** The visit that stands open on a day, and whether it is late. */
export function visitOn({ visits }: Summary, today: string): { visit: Open; late: boolean } | null {
  for (const visit of visits) {
    if (today < visit.from) return null;
    if (visit.next !== null && visit.next <= today) continue;
    return { visit, late: today > visit.until };
  }
  return null;
}

export function needOf(summary: Summary, today: string): Need {
  if (summary.mergedInto !== null) return "nothing";
  if (summary.conflicts > 0) return "conflict";
  const open = visitOn(summary, today);
  if (open) return open.late ? "overdue" : "visit";
  const [status] = summary.statuses;
  return status === "recorded" ? "survey" : "nothing";
}

/** A value as people read it, where the form has no words for it. */
export const plainValue = (value: Value): string =>
  value === null ? "–" : typeof value === "object" ? JSON.stringify(value) : String(value);
