/** What lies over the map while a planner sets up: plots of one's own, and the settlements that would move. */
import type { LayerSpecification } from "maplibre-gl";
import { bold } from "./fonts";
import { onDark, selectedColour } from "./ramp";

const letterColour = "#1d1b18";
const halo = "#ffffff";

/** Plots that are not being looked at, with their names. */
export function plots(source: string): LayerSpecification[] {
  return [
    { id: `${source}:fill`, type: "fill", source, paint: { "fill-color": selectedColour, "fill-opacity": 0.1 } },
    { id: `${source}:halo`, type: "line", source, paint: { "line-color": halo, "line-width": 4 } },
    {
      id: `${source}:edge`,
      type: "line",
      source,
      paint: { "line-color": selectedColour, "line-width": 2, "line-dasharray": [3, 1.5] },
    },
    {
      id: `${source}:name`,
      type: "symbol",
      source,
      layout: { "text-field": ["get", "name"], "text-font": [bold], "text-size": 12, "text-optional": true },
      paint: { "text-color": letterColour, "text-halo-color": halo, "text-halo-width": 1.8 },
    },
  ];
}

/** Settlements while those that move are chosen among them. */
export function movers(source: string): LayerSpecification[] {
  return [
    {
      id: `${source}:disc`,
      type: "circle",
      source,
      paint: {
        "circle-radius": ["case", ["==", ["get", "chosen"], true], 9, 7],
        "circle-color": ["case", ["==", ["get", "chosen"], true], selectedColour, halo],
        "circle-stroke-color": ["case", ["==", ["get", "chosen"], true], halo, letterColour],
        "circle-stroke-width": 2,
      },
    },
    {
      id: `${source}:mark`,
      type: "symbol",
      source,
      filter: ["==", ["get", "chosen"], true],
      layout: { "text-field": "✓", "text-font": [bold], "text-size": 12, "text-allow-overlap": true },
      paint: { "text-color": onDark },
    },
  ];
}
