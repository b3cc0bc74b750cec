/** Ways to services in words: how long, how far, and what a flood makes of it. */
import type { Route } from "../api/insight";
import type { Criterion } from "../api/types";
import type { Formats } from "../i18n/format";
import type { Messages } from "../i18n/en";

interface Speaker {
  t: Messages;
  f: Formats;
}

/** "18 min · 1.2 km", or why there is no way. */
export function wayWords(route: Route, { t, f }: Speaker): string {
  const w = t.insight.ways;
  if (route.status === "unreachable") return w.unreachable;
  if (route.status === "off_network") return w.offNetwork;
  if (route.minutes === null) return w.unknown;
  const minutes = f.minutes(route.minutes);
  return route.metres === null ? minutes : `${minutes} · ${distance(route.metres, { t, f })}`;
}

function distance(metres: number, { t, f }: Speaker): string {
  const w = t.insight.ways;
  return metres < 1000 ? w.metres(f.number(Math.round(metres / 10) * 10)) : w.kilometres(f.number(metres / 1000, 1));
}

/**
 * What the flood makes of the time that a criterion measured on dry roads, to be added to its sentence; empty where
 * the criterion is not about a way, already about a flooded one, or nothing is known of floods on roads.
 */
export function alsoFlooded({ measure }: Criterion, routes: readonly Route[] | null, { t, f }: Speaker): string {
  if (measure.kind !== "travel_time" || measure.cut_return_period || !routes) return "";
  const mine = routes.filter(({ service, mode }) => service === measure.service && mode === (measure.mode ?? mode));
  const dry = mine.find(({ cut }) => cut === null);
  const flooded = mine.find(({ cut }) => cut !== null);
  if (!flooded || dry?.minutes === undefined || dry.minutes === null) return "";
  const w = t.insight.ways;
  const years = f.number(flooded.cut ?? 0);
  if (flooded.status === "unreachable") return w.alsoNot(years);
  if (flooded.minutes === null) return w.alsoUnknown(years);
  const minutes = f.minutes(flooded.minutes);
  return minutes === f.minutes(dry.minutes) ? w.alsoSame(years) : w.also(minutes, years);
}
