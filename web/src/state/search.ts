/** Search by name in either script, however it is spelt, by code, or by coordinates. */
import type { Bounds, Matrix, Place, Street, Text } from "../api/types";
import { siteName } from "../ranking/site-name";
import { coordinates } from "../text/coordinates";
import { folded } from "../text/folded";
import { initials, romanised } from "../text/romanised";

export type Hit =
  | { kind: "site"; i: number; id: string; name: Text | null }
  | { kind: "place"; place: Place; lon: number; lat: number }
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
  loose: string[];
}

/** How well a query fits: the start of a name, a part of it, another spelling of it, or not at all. */
type Fit = 0 | 1 | 2 | null;

interface Query {
  exact: string;
  loose: string;
}

const keysOf = (names: readonly string[]): Keys => ({
  exact: names.map(folded),
  loose: names.flatMap((name) => [romanised(name), initials(name)]).filter((key) => key.length >= LEAST_LOOSE),
});

function fit({ exact, loose }: Keys, query: Query): Fit {
  if (exact.some((key) => key.startsWith(query.exact))) return 0;
  if (exact.some((key) => key.includes(query.exact))) return 1;
  if (query.loose.length < LEAST_LOOSE) return null;
  return loose.some((key) => key.startsWith(query.loose) || key === query.exact) ? 2 : null;
}

export class Index {
  #sites: Keys[];
  #places: { place: Place; keys: Keys }[];

  constructor(
    private readonly matrix: Matrix,
    places: Place[],
    private readonly bounds: Bounds,
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
      return { ...own, loose: keys.loose };
    });
    this.#places = places.map((place) => ({ place, keys: keysOf([place.en, place.km, place.code]) }));
  }

  /** The best few hits: coordinates, then places, then sites; each with what begins with the query before what holds it. */
  find(query: string): Hit[] {
    const point = coordinates(query, this.bounds);
    if (point) return [{ kind: "point", ...point }];
    const wanted: Query = { exact: folded(query), loose: romanised(query) };
    if (wanted.exact === "") return [];
    const places = best(this.#places, ({ keys }) => fit(keys, wanted), MOST).flatMap((at): Hit[] => {
      const place = this.#places[at]?.place;
      const middle = place && this.#middle(place.code);
      return place && middle ? [{ kind: "place", place, ...middle }] : [];
    });
    const sites = best(this.#sites, (keys) => fit(keys, wanted), MOST).map((i): Hit => {
      return { kind: "site", i, id: this.matrix.sites.id[i] ?? "", name: siteName(this.matrix, i) };
    });
    return [...places.slice(0, MOST / 2), ...sites].slice(0, MOST);
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

/** Streets between the places and the sites: somebody who types a number or a name of a street rarely means a site's code. */
export function withStreets(hits: readonly Hit[], streets: readonly Street[]): Hit[] {
  const before = hits.filter(({ kind }) => kind !== "site");
  const sites = hits.slice(before.length);
  const room = Math.max(MOST_STREETS, MOST - hits.length);
  const found = streets.slice(0, room).map((street): Hit => ({ kind: "street", street }));
  return [...before, ...found, ...sites].slice(0, MOST + MOST_STREETS);
}

/** Places in a list of the entries that fit best, at most so many; equals keep their order. */
function best<T>(entries: readonly T[], fitOf: (entry: T) => Fit, most: number): number[] {
  const found: [number[], number[], number[]] = [[], [], []];
  entries.some((entry, at) => {
    const how = fitOf(entry);
    if (how !== null && found[how].length < most) found[how].push(at);
    return found[0].length >= most;
  });
  return found.flat().slice(0, most);
}
