import type { Layer } from "../api/types";

/** Flood depth rasters of one source, from the most frequent flood to the rarest; one of them is shown at a time. */
export interface FloodSeries {
  key: string;
  layers: Layer[];
}

export function floodSeries(layers: Layer[]): FloodSeries[] {
  const bySource = new Map<string, Layer[]>();
  for (const layer of layers) {
    if (layer.role !== "flood_depth" || !layer.return_period) continue;
    const key = layer.source ?? "";
    bySource.set(key, [...(bySource.get(key) ?? []), layer]);
  }
  return [...bySource].map(([key, members]) => ({
    key,
    layers: members.sort((a, b) => (a.return_period ?? 0) - (b.return_period ?? 0)),
  }));
}
