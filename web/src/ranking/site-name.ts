import type { Matrix, Text } from "../api/types";

type Named = Pick<Matrix, "places" | "elsewhere"> & { sites: Pick<Matrix["sites"], "khan" | "sangkat" | "number"> };

/** What people call a site: the name of its sangkat, or else of its khan, and its number there; beyond both, the way from the nearest place. */
export function siteName({ sites, places, elsewhere }: Named, i: number): Text | null {
  const number = sites.number[i];
  if (number === undefined) return null;
  const place = places[sites.sangkat[i] ?? sites.khan[i] ?? ""];
  if (place === undefined) return elsewhere[i] ?? null;
  return { en: numbered(place.en, number), km: numbered(place.km, number) };
}

/** A name and a number after it, in the digits that the name itself has: one name never mixes the two systems. The server does the same. */
function numbered(name: string, number: number): string {
  if (!/[\u17e0-\u17e9]/.test(name)) return `${name} ${number}`;
  return `${name} ${String(number).replace(/\d/g, (digit) => String.fromCharCode(0x17e0 + Number(digit)))}`;
}
