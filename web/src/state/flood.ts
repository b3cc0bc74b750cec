import type { Layer } from "../api/types";

/** Flood depth rasters that belong together, from the most frequent flood to the rarest; one is shown at a time. */
export interface FloodSeries {
  key: string;
  layers: Layer[];
}

/**
 * Rasters of the same makers form a series: they come as one file for each return period, so the file does not tell.
 * A second raster of the same return period (rain beside river) begins a series of its own.
 */
export function floodSeries(layers: Layer[]): FloodSeries[] {
  const series: FloodSeries[] = [];
  for (const layer of layers) {
    if (layer.role !== "flood_depth" || !layer.return_period) continue;
    const mine = series.find(
      ({ layers: [first, ...others] }) =>
        first?.attribution === layer.attribution &&
        [first, ...others].every((other) => other.return_period !== layer.return_period),
    );
    if (mine) mine.layers.push(layer);
    else series.push({ key: layer.name, layers: [layer] });
  }
  for (const { layers: members } of series) members.sort((a, b) => (a.return_period ?? 0) - (b.return_period ?? 0));
  return series;
}
