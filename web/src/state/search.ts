/** Search by name in either script, however it is spelt, by code, or by coordinates. */
import type { Bounds, Matrix, Place, Street, Text } from "../api/types";
import { siteName } from "../ranking/site-name";
import { coordinates } from "../text/coordinates";
import { folded } from "../text/folded";
import { initials, romanised } from "../text/romanised";

export type Hit =
  | { kind: "site"; i: number; id: string; name: Text | null; fit: Fit }
  | { kind: "place"; place: Place; lon: number; lat: number; fit: Fit }
  | { kind: "street"; street: Street }
  | { kind: "point"; lon: number; lat: number };

const MOST = 8;
/** Streets among the hits where there are sites too. */
const MOST_STREETS = 4;
/** Fewer letters than this are too little to tell spellings apart by. */
const LEAST_LOOSE = 3;

/** A name in the forms that a query is compared with. */
interface Keys {
  exact: string[];
  initials: string[];
  loose: string[];
}

/** How well a query fits: a whole name or code, the start of one, a part of it, its initials, another spelling of it. */
type Fit = 0 | 1 | 2 | 3 | 4;

/** A place that lies where sites may lie or not. */
export interface LocatedPlace extends Place {
  lon: number;
  lat: number;
}

interface Query {
  exact: string;
  loose: string;
}

const keysOf = (names: readonly string[]): Keys => ({
  exact: names.map(folded),
  initials: names.map(initials).filter((key) => key !== ""),
  loose: names.map(romanised).filter((key) => key.length >= LEAST_LOOSE),
});

function fit({ exact, initials, loose }: Keys, query: Query): Fit | null {
  if (exact.includes(query.exact)) return 0;
  if (exact.some((key) => key.startsWith(query.exact))) return 1;
  if (exact.some((key) => key.includes(query.exact))) return 2;
  if (initials.includes(query.exact)) return 3;
  if (query.loose.length < LEAST_LOOSE) return null;
  return loose.some((key) => key.startsWith(query.loose)) ? 4 : null;
}

/** A spelling that is forgiven stands behind whatever is spelt so, and a whole name before all. */
const worth = ({ fit }: { fit: Fit }) => (fit === 0 ? 0 : fit < 3 ? 1 : 2);

export class Index {
  #sites: Keys[];
  #places: { place: Place; keys: Keys; middle: { lon: number; lat: number } | null }[];

  constructor(
    private readonly matrix: Matrix,
    places: Place[],
    private readonly bounds: Bounds,
    /** All divisions of the map, whether there are sites in them or not. */
    divisions: readonly LocatedPlace[] = [],
  ) {
    // Thousands of sites share the names of some hundred places.
    const known = new Map<string, Keys>();
    this.#sites = matrix.sites.id.map((id, i) => {
      const name = siteName(matrix, i);
      const own = { exact: [id, ...(name ? [name.en, name.km] : [])].map(folded) };
      const place = matrix.sites.sangkat[i] ?? matrix.sites.khan[i] ?? "";
      let keys = known.get(place);
      if (!keys) {
        keys = keysOf([matrix.places[place]?.en ?? ""]);
        known.set(place, keys);
      }
      return { ...own, initials: keys.initials, loose: keys.loose };
    });
    const withSites = new Set(places.map(({ code }) => code));
    const all: (Place | LocatedPlace)[] = [...places, ...divisions.filter(({ code }) => !withSites.has(code))];
    const located = new Map(divisions.map(({ code, lon, lat }) => [code, { lon, lat }]));
    this.#places = all.map(({ code, en, km }) => {
      const middle = located.get(code) ?? null;
      return { place: { code, en, km }, keys: keysOf([en, km, code]), middle };
    });
  }

  /** The best few hits: coordinates; else places before sites, each with what begins with the query before what holds it. */
  find(query: string): Hit[] {
    const point = coordinates(query, this.bounds);
    if (point) return [{ kind: "point", ...point }];
    const wanted: Query = { exact: folded(query), loose: romanised(query) };
    if (wanted.exact === "") return [];
    const places = best(this.#places, ({ keys }) => fit(keys, wanted), MOST).flatMap(({ at, fit }) => {
      const { place, middle } = this.#places[at] ?? {};
      const where = place && (this.#middle(place.code) ?? middle);
      return place && where ? [{ kind: "place" as const, place, ...where, fit }] : [];
    });
    const sites = best(this.#sites, (keys) => fit(keys, wanted), MOST).map(({ at: i, fit }) => {
      const id = this.matrix.sites.id[i] ?? "";
      return { kind: "site" as const, i, id, name: siteName(this.matrix, i), fit };
    });
    // Sorting leaves equals in their order.
    const found = [...places.slice(0, MOST / 2), ...sites].slice(0, MOST);
    return found.sort((a, b) => worth(a) - worth(b));
  }

  /** The middle of a place's candidate sites: where the planner wants to look. */
  #middle(code: string): { lon: number; lat: number } | null {
    const { khan, sangkat, lon, lat } = this.matrix.sites;
    let count = 0;
    let sumLon = 0;
    let sumLat = 0;
    lon.forEach((x, i) => {
      if (khan[i] !== code && sangkat[i] !== code) return;
      count += 1;
      sumLon += x;
      sumLat += lat[i] ?? 0;
    });
    return count > 0 ? { lon: sumLon / count, lat: sumLat / count } : null;
  }
}

/** Streets before the sites, but for one that is asked for by its whole code: somebody who types a number or a name of a street rarely means a part of one. */
export function withStreets(hits: readonly Hit[], streets: readonly Street[]): Hit[] {
  const site = hits.findIndex((hit) => hit.kind === "site" && hit.fit !== 0);
  const before = hits.slice(0, site < 0 ? hits.length : site);
  const sites = hits.slice(before.length);
  const room = Math.max(MOST_STREETS, MOST - hits.length);
  const found = streets.slice(0, room).map((street): Hit => ({ kind: "street", street }));
  return [...before, ...found, ...sites].slice(0, MOST + MOST_STREETS);
}

/** The entries that fit best, by where they stand in the list, at most so many; equals keep their order. */
function best<T>(entries: readonly T[], fitOf: (entry: T) => Fit | null, most: number): { at: number; fit: Fit }[] {
  const found: Record<Fit, { at: number; fit: Fit }[]> = { 0: [], 1: [], 2: [], 3: [], 4: [] };
  entries.some((entry, at) => {
    const fit = fitOf(entry);
    if (fit !== null && found[fit].length < most) found[fit].push({ at, fit });
    return found[0].length >= most;
  });
  return [found[0], found[1], found[2], found[3], found[4]].flat().slice(0, most);
}
