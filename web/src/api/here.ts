/** What the layers say about one place. */
import { ask } from "./client";
import type { Text } from "./types";

export interface HereValue {
  field: string;
  meaning?: Text | null;
  unit?: Text | null;
  /** Null is unknown. */
  value: string | number | boolean | null;
  /** What a code means, where the program knows it. */
  says?: Text | null;
}

export interface HereFeature {
  id: string;
  name?: Text | null;
  distance_m: number;
  values: HereValue[];
  site?: string | null;
  no_site?: string | null;
}

export interface HereLayer {
  layer: string;
  role: string;
  title: string;
  source: string;
  illustrative: boolean;
  features: HereFeature[];
  more: boolean;
  cell?: { value?: number | null; unit?: string | null; return_period?: number | null } | null;
}

export interface HereQuestion {
  lon: number;
  lat: number;
  withinM: number;
  layers: readonly string[];
  ranking: string | null;
}

/** The farthest that the server looks for lines and points. On a map of the whole city a finger covers more. */
const FARTHEST_M = 500;

export function askHere(
  { lon, lat, withinM, layers, ranking }: HereQuestion,
  signal: AbortSignal,
): Promise<HereLayer[]> {
  const query = new URLSearchParams({
    lon: String(lon),
    lat: String(lat),
    within_m: String(Math.min(withinM, FARTHEST_M)),
    layers: layers.join(","),
  });
  if (ranking !== null) query.set("ranking", ranking);
  return ask<{ answers: HereLayer[] }>(`/api/here?${query}`, { signal }).then(({ answers }) => answers);
}
