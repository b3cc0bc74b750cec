/** Plots drawn by hand: what one is, and the form in which the server keeps it. */
import type { KeptPlot } from "../api/types";
import { settled, type Corner } from "../map/ring";

export interface Plot {
  /** Tells the plots of this page apart. */
  id: string;
  /** As typed; empty while nobody has named it. */
  name: string;
  /** Null takes that of the parcels under it; so does a price of null. */
  tenure: string | null;
  /** US$ per m². */
  price: number | null;
  /** The outline, then holes; the last corner of each joins its first. */
  rings: readonly (readonly Corner[])[];
  /** While it is open its corners are still being set. */
  closed: boolean;
}

/** The server keeps no more plots of a scenario. */
export const MOST_PLOTS = 100;
/** Nor a plot with more corners. */
export const MOST_CORNERS = 2000;
export const LONGEST_NAME = 100;
export const LEAST_CORNERS = 3;

/** An id that none of these has. */
export function freeId(plots: readonly Plot[]): string {
  const numbers = plots.map(({ id }) => Number(id)).filter(Number.isFinite);
  return String(Math.max(0, ...numbers) + 1);
}

/** What the server can keep: closed plots, each with a name. */
export function toKeep(plots: readonly Plot[], nameless: (n: number) => string): KeptPlot[] {
  return plots
    .filter(({ closed, rings }) => closed && (rings[0]?.length ?? 0) >= LEAST_CORNERS)
    .map(({ name, tenure, price, rings }, n) => ({
      name: name.trim() || nameless(n + 1),
      tenure,
      price_usd_m2: price,
      rings: rings.map((ring) => ring.map(([lon, lat]) => [lon, lat])),
    }));
}

export function fromKept(kept: readonly KeptPlot[]): Plot[] {
  return kept.map(({ name, tenure, price_usd_m2, rings }, n) => ({
    id: String(n + 1),
    name,
    tenure: tenure ?? null,
    price: price_usd_m2 ?? null,
    rings: rings.map((ring) => ring.map(([lon, lat]) => settled([lon ?? NaN, lat ?? NaN]))),
    closed: true,
  }));
}

/** Whether two plots have the same outline: a link opened twice adds nothing. */
export function sameOutline(one: readonly Corner[], other: readonly Corner[]): boolean {
  return (
    one.length === other.length &&
    one.every(([lon, lat], n) => {
      const [otherLon, otherLat] = other[n] ?? [NaN, NaN];
      return Math.abs(lon - otherLon) < 1e-7 && Math.abs(lat - otherLat) < 1e-7;
    })
  );
}
