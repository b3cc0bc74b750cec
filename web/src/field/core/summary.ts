/** What lists and the map need to know of a household, made of its state: kept so that opening the app folds nothing twice. */
import { dueVisits, type Schedule } from "../fold/due";
import type { Value } from "../fold/event";
import { FAR_M } from "../fold/place";
import { metresBetween } from "./position";
import { isHidden, valueOf, type HousePlace, type State, type Status } from "../fold/state";

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
  schedule: Schedule,
  siteAt: (id: string) => { lon: number; lat: number } | null,
): Summary {
  const text = (path: string): string | null => {
    const value = state.facts[path]?.values[0]?.value;
    return typeof value === "string" && value.trim() !== "" ? value : null;
  };
  const size = valueOf(state, "size");
  const visits = dueVisits(state, schedule, "9999-12-31");
  const place = placeOf(state, siteAt);
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

/**
 * Where the family is: where its events say that the house is. After a move whose place nobody has measured yet, or only badly or far
 * from the site, it is the site.
 */
function placeOf(
  { place, moves, sites }: State,
  siteAt: (id: string) => { lon: number; lat: number } | null,
): { lon: number; lat: number; atSite: boolean } | null {
  const moved = moves.find(({ site }) => sites.length === 0 || sites.includes(site));
  const site = moved ? siteAt(moved.site) : null;
  const isDoubted = ({ certainty, confirmed, lon, lat }: HousePlace, at: { lon: number; lat: number }) =>
    certainty !== "precise" || (!confirmed && metresBetween(at, { lon, lat }) > SITE_M);
  if (site && (place === null || isDoubted(place, site))) return { lon: site.lon, lat: site.lat, atSite: true };
  return place && { lon: place.lon, lat: place.lat, atSite: false };
}

/** A site is a piece of land, known by a point in it. */
export const SITE_M = 10 * FAR_M;

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
