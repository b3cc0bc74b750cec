/** Where the phone is. Several measurements make a better one than the last alone. */
import type { Place } from "../fold/event";

export interface Fix {
  lon: number;
  lat: number;
  accuracy: number;
  at: number;
}

/** How well a household's place should be known, in metres. */
export const LIMIT_M = 10;
/** Older than this, or from further away, a measurement is of another place. */
const OLD_MS = 600_000;
const MOST = 60;
const METRES_PER_DEGREE = 111_320;

export const metresBetween = (a: { lon: number; lat: number }, b: { lon: number; lat: number }): number => {
  const x = (a.lon - b.lon) * METRES_PER_DEGREE * Math.cos((a.lat * Math.PI) / 180);
  const y = (a.lat - b.lat) * METRES_PER_DEGREE;
  return Math.hypot(x, y);
};

/** Adds a measurement; drops what is old, and everything where the phone has clearly moved away. */
export function withFix(fixes: readonly Fix[], fix: Fix): Fix[] {
  const last = fixes.at(-1);
  const moved = last && metresBetween(last, fix) > 3 * Math.max(last.accuracy, fix.accuracy, LIMIT_M);
  const kept = moved ? [] : fixes.filter(({ at }) => fix.at - at < OLD_MS);
  return [...kept, fix].slice(-MOST);
}

/**
 * What was measured for a form, and what is measured now. Who has walked away since does not take the household along: then the
 * earlier measurements stand alone.
 */
export function joined(kept: readonly Fix[], here: readonly Fix[]): Fix[] {
  const [then, now] = [averaged(kept), averaged(here)];
  if (!then) return [...here];
  if (!now) return [...kept];
  const apart = metresBetween(then, now) > 3 * Math.max(then.accuracy_m ?? 0, now.accuracy_m ?? 0, LIMIT_M);
  if (apart) return [...kept];
  const times = kept.map(({ at }) => at);
  return [...kept, ...here.filter(({ at }) => !times.includes(at))].slice(-MOST);
}

/**
 * The weighted mean, weights being 1/accuracy². Errors of measurements from one place are alike, so that many of them do
 * not make the place as sure as independent ones would: the accuracy told is that of the best one, or how far they
 * scatter where that is more.
 */
export function averaged(fixes: readonly Fix[]): Place | null {
  if (fixes.length === 0) return null;
  let [sum, lon, lat] = [0, 0, 0];
  for (const fix of fixes) {
    const weight = 1 / Math.max(1, fix.accuracy) ** 2;
    sum += weight;
    lon += fix.lon * weight;
    lat += fix.lat * weight;
  }
  const mean = { lon: lon / sum, lat: lat / sum };
  const scatter = Math.sqrt(
    fixes.reduce((all, fix) => all + metresBetween(fix, mean) ** 2 / Math.max(1, fix.accuracy) ** 2, 0) / sum,
  );
  const best = Math.min(...fixes.map(({ accuracy }) => accuracy));
  const round = (degrees: number) => Number(degrees.toFixed(7));
  return {
    lon: round(mean.lon),
    lat: round(mean.lat),
    accuracy_m: Number(Math.max(best, scatter).toFixed(1)),
    method: "gps",
  };
}
