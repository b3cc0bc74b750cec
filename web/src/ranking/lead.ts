/** What parts two sites: the points that each criterion adds to the lead of one of them. */
import type { ComparedPair } from "../api/insight";

export interface LeadRow {
  criterion: string;
  /** Points of 100, above 0 where the one ahead is better. */
  points: number;
}

/** Less than this is nothing that a reader could see. */
const LEAST_POINTS = 0.05;

/** The criteria that part them, those that do so most first. */
export function leadOf({ ahead_by, behind_by }: Pick<ComparedPair, "ahead_by" | "behind_by">): LeadRow[] {
  const rows = (leads: ComparedPair["ahead_by"], sign: number) =>
    leads.map(({ criterion, difference }) => ({ criterion, points: sign * Math.abs(difference) * 100 }));
  return [...rows(ahead_by, 1), ...rows(behind_by, -1)]
    .filter(({ points }) => Math.abs(points) >= LEAST_POINTS)
    .sort((a, b) => Math.abs(b.points) - Math.abs(a.points) || a.criterion.localeCompare(b.criterion, "en"));
}

/** The end of an axis that holds all of these: the next of 1, 2, 5, 10, 20, … */
export function reachOf(points: readonly number[]): number {
  const most = Math.max(LEAST_POINTS, ...points.map(Math.abs));
  const power = 10 ** Math.floor(Math.log10(most));
  return ([1, 2, 5, 10].find((step) => step * power >= most - 1e-9) ?? 10) * power;
}

export interface Favoured {
  n: number;
  /** The mean weight where the site is first, and over all weightings. */
  there: number;
  usual: number;
}

/** A weight must be higher by this share of the whole to tell a site apart. */
const TELLING = 0.005;

/** The criteria that weigh more where a site is first than they do over all weightings: what it is first for. */
export function favouredBy(central: readonly number[], mean: readonly number[], most: number): Favoured[] {
  return central
    .map((there, n) => ({ n, there, usual: mean[n] ?? 0 }))
    .filter(({ there, usual }) => there - usual >= TELLING)
    .sort((a, b) => b.there - b.usual - (a.there - a.usual) || a.n - b.n)
    .slice(0, most);
}
