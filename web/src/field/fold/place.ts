/** Where a household is, by its events (`crates/registry/src/fold/place.rs`; the reasons are told there). */
import { metresBetween } from "../core/position";
import type { FieldEvent, Place } from "./event";
import type { Node } from "./facts";
import type { Order } from "./order";
import type { Certainty, HousePlace } from "./state";

/** From here on a place is another one, in metres: further than a phone errs among houses. */
export const FAR_M = 300;
/** The radius from which on a location is imprecise, in metres (`crates/registry/src/check.rs`). */
const IMPRECISE_M = 100;

/** Cambodia's outline, coarse, degrees east and north (`crates/registry/src/check/place.rs`). */
const CAMBODIA: readonly (readonly [lon: number, lat: number])[] = [
  [103.49728, 10.632555],
  [103.09069, 11.153661],
  [102.584932, 12.186595],
  [102.348099, 13.394247],
  [102.988422, 14.225721],
  [104.281418, 14.416743],
  [105.218777, 14.273212],
  [106.043946, 13.881091],
  [106.496373, 14.570584],
  [107.382727, 14.202441],
  [107.614548, 13.535531],
  [107.491403, 12.337206],
  [105.810524, 11.567615],
  [106.24967, 10.961812],
  [105.199915, 10.88931],
  [104.334335, 10.486544],
];
/** How far from the outline a point may still be meant, in degrees. */
const TOLERANCE = 0.2;

type Point = readonly [lon: number, lat: number];

/** Whether a point can be in the country. */
export function isInCountry(lon: number, lat: number): boolean {
  let inside = false;
  let from = CAMBODIA.at(-1) ?? [0, 0];
  for (const to of CAMBODIA) {
    if (degreesTo([lon, lat], from, to) <= TOLERANCE) return true;
    // A ray to the east crosses this edge.
    if (from[1] > lat !== to[1] > lat) {
      const share = (lat - from[1]) / (to[1] - from[1]);
      if (lon < from[0] + share * (to[0] - from[0])) inside = !inside;
    }
    from = to;
  }
  return inside;
}

/** Distance of a point from a stretch, in degrees. */
function degreesTo(point: Point, from: Point, to: Point): number {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = dx * dx + dy * dy;
  const raw = length > 0 ? ((point[0] - from[0]) * dx + (point[1] - from[1]) * dy) / length : 0;
  const along = Math.min(1, Math.max(0, raw));
  return Math.hypot(point[0] - (along * dx + from[0]), point[1] - (along * dy + from[1]));
}

/** How sure a location is. Somebody who pointed at a map was asked for no radius. */
export function certaintyOf({ lon, lat, accuracy_m, method }: Place): Certainty {
  if (!isInCountry(lon, lat)) return "outside_country";
  const radius = accuracy_m ?? (method === "map" ? 0 : Infinity);
  return radius > IMPRECISE_M ? "imprecise" : "precise";
}

const RANKS: readonly Certainty[] = ["outside_country", "imprecise", "precise"];
/** The kinds that say where a family lives. An attempt says where somebody stood. */
const KINDS: readonly string[] = ["surveyed", "verified", "corrected", "moved", "visited"];

const isPlace = (place: Place | undefined | null): place is Place =>
  place !== undefined && place !== null && Number.isFinite(place.lon) && Number.isFinite(place.lat);

interface Held {
  number: number;
  event: FieldEvent;
  place: Place;
  certainty: Certainty;
}

/** `moves` are the numbers of the moves that stand. */
export function placeIn(nodes: readonly Node[], order: Order, moves: readonly number[]): HousePlace | null {
  const own = order.sequence.filter((number) => nodes[number] && !nodes[number].members);
  const departures = own.filter((number) => nodes[number]?.event.kind === "left");
  let held: Held | null = null;
  let elsewhere: number[] = [];
  for (const number of own) {
    const event = nodes[number]?.event;
    if (!event || !KINDS.includes(event.kind) || !isPlace(event.location)) continue;
    // What was recorded before a move tells of another house.
    if (moves.some((move) => move !== number && !order.isAfter(number, move))) continue;
    const next: Held = { number, event, place: event.location, certainty: certaintyOf(event.location) };
    if (held === null || takesOver(held, next, departures, order)) {
      held = next;
      elsewhere = elsewhere.filter((early) => !order.isAfter(number, early));
    } else elsewhere.push(number);
  }
  if (held === null) return null;
  const { lon, lat, accuracy_m } = held.place;
  return {
    event: held.event.id,
    lon,
    lat,
    accuracy_m: accuracy_m ?? null,
    certainty: held.certainty,
    confirmed: isMeant(held),
    elsewhere: elsewhere.flatMap((number) => nodes[number]?.event.id ?? []),
  };
}

/** Somebody has said that the house is there, and did not only record something there. */
const isMeant = ({ event, place }: Held): boolean => event.kind === "corrected" || place.confirmed === true;

function takesOver(held: Held, next: Held, departures: readonly number[], order: Order): boolean {
  const [was, is] = [RANKS.indexOf(held.certainty), RANKS.indexOf(next.certainty)];
  const hasLeft = departures.some((at) => order.isAfter(next.number, at) && !order.isAfter(held.number, at));
  if ((isMeant(next) || hasLeft) && is > 0) return true;
  if (was !== is) return is > was;
  return next.certainty !== "precise" || metresBetween(held.place, next.place) <= FAR_M;
}
