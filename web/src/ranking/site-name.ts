import type { Matrix, Text } from "../api/types";

type Named = Pick<Matrix, "places" | "elsewhere"> & { sites: Pick<Matrix["sites"], "khan" | "sangkat" | "number"> };

/** What people call a site: the name of its sangkat, or else of its khan, and its number there; beyond both, the way from the nearest place. */
export function siteName({ sites, places, elsewhere }: Named, i: number): Text | null {
  const number = sites.number[i];
  if (number === undefined) return null;
  const place = places[sites.sangkat[i] ?? sites.khan[i] ?? ""];
  if (place === undefined) return elsewhere[i] ?? null;
  return { en: `${place.en} ${number}`, km: `${place.km} ${number}` };
}
