/** Search by name in either script, by code, or by coordinates. */
import type { Bounds, Matrix, Place, Text } from "../api/types";
import { siteName } from "../ranking/site-name";
import { folded } from "../text/folded";

export type Hit =
  | { kind: "site"; i: number; id: string; name: Text | null }
  | { kind: "place"; place: Place; lon: number; lat: number }
  | { kind: "point"; lon: number; lat: number };

/** Latitude and longitude in either order; the order that lies in or near the city wins, latitude first otherwise. */
export function coordinates(query: string, [west, south, east, north]: Bounds): { lon: number; lat: number } | null {
  const found = /^\s*(-?\d{1,3}(?:\.\d+)?)\s*°?\s*[NSns]?\s*[,;\s]\s*(-?\d{1,3}(?:\.\d+)?)\s*°?\s*[EWew]?\s*$/.exec(
    query,
  );
  if (!found) return null;
  const [a, b] = [Number(found[1]), Number(found[2])];
  const near = (lon: number, lat: number) => lon >= west - 1 && lon <= east + 1 && lat >= south - 1 && lat <= north + 1;
  if (near(b, a)) return { lat: a, lon: b };
  if (near(a, b)) return { lat: b, lon: a };
  return null;
}

const MOST = 8;

export class Index {
  #sites: { i: number; keys: string[] }[];

  constructor(
    private readonly matrix: Matrix,
    private readonly places: Place[],
    private readonly bounds: Bounds,
  ) {
    this.#sites = matrix.sites.id.map((id, i) => {
      const name = siteName(matrix, i);
      const names = name ? [name.en, name.km] : [];
      return { i, keys: [id, ...names].map(folded) };
    });
  }

  /** The best few hits: coordinates, then places, then sites whose key begins with the query, then those that hold it. */
  find(query: string): Hit[] {
    const point = coordinates(query, this.bounds);
    if (point) return [{ kind: "point", ...point }];
    const wanted = folded(query);
    if (wanted === "") return [];
    const places = this.places
      .filter(({ code, en, km }) => folded(en).includes(wanted) || folded(km).includes(wanted) || code === wanted)
      .flatMap((place): Hit[] => {
        const middle = this.#middle(place.code);
        return middle ? [{ kind: "place", place, ...middle }] : [];
      });
    const starts: number[] = [];
    const holds: number[] = [];
    for (const { i, keys } of this.#sites) {
      if (starts.length >= MOST) break;
      if (keys.some((key) => key.startsWith(wanted))) starts.push(i);
      else if (holds.length < MOST && keys.some((key) => key.includes(wanted))) holds.push(i);
    }
    const sites = [...starts, ...holds].map((i): Hit => {
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
