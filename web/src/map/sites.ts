/**
 * How ranked sites are drawn. A site's score is added up by the map itself from the values in the tile and the weights
 * in the map's global state, so that a new weight needs no new tile.
 */
import type {
  ExpressionSpecification,
  FillLayerSpecification,
  LineLayerSpecification,
  SymbolLayerSpecification,
} from "maplibre-gl";
import { excludedColour, maybeColour, onDark, scoreRamp, selectedColour } from "./ramp";
import { NARROWEST, STOPS } from "../ranking/stops";
import { bold } from "./fonts";

export const SITES = "sites";
export const BEST = "best-sites";
export const CHOSEN = "chosen-site";
export const CHOSEN_LAYER = "chosen-site";
export const HATCH = "hatch";
export const PIN = "pin";
export const PIN_CHOSEN = "pin-chosen";

/** One global-state property holds the stops of the colours and all weights, so that a drag is a single change. */
export const WEIGHTS = "weights";

export interface Weighting {
  /** Scores at the stops of the colour ramp, from light to dark. */
  stops: readonly number[];
  shares: readonly number[];
}

export function weightState({ stops, shares }: Weighting): number[] {
  return [...stops, ...shares];
}

function scoreExpression(
  unknowns: readonly number[],
  at: (n: number) => ExpressionSpecification,
): ExpressionSpecification {
  const terms = unknowns.map((counted, n): ExpressionSpecification => [
    "*",
    at(n + STOPS),
    ["coalesce", ["get", `v${n}`], counted],
  ]);
  return ["+", 0, ...terms];
}

/** How the map comes by a site's score. */
export interface Scoring {
  /** What an unknown value (absent from the tile) counts, by criterion, as in the list. */
  unknowns: readonly number[];
  /** Whether the map adds it up itself; else it takes what the server wrote into the tile. */
  summing: boolean;
}

/** Where the score lies on the ramp, 0–1: the expression of `positionOn`. */
export function positionExpression({ unknowns, summing }: Scoring): ExpressionSpecification {
  const state: ExpressionSpecification = ["array", "number", unknowns.length + STOPS, ["global-state", WEIGHTS]];
  const at = (n: number): ExpressionSpecification => ["at", n, state];
  const steps = Array.from({ length: STOPS - 1 }, (_, n): ExpressionSpecification => {
    const width: ExpressionSpecification = ["max", ["-", at(n + 1), at(n)], NARROWEST];
    return ["min", 1, ["max", 0, ["/", ["-", ["var", "score"], at(n)], width]]];
  });
  const score: ExpressionSpecification = summing ? scoreExpression(unknowns, at) : ["coalesce", ["get", "s"], 0];
  // Where the page knows better than the tile, which still holds the values of before an edit.
  const known: ExpressionSpecification = ["coalesce", ["feature-state", "score"], score];
  return ["let", "score", known, ["/", ["+", 0, ...steps], STOPS - 1]];
}

function colour(scoring: Scoring): ExpressionSpecification {
  const last = scoreRamp.length - 1;
  const stops = scoreRamp.flatMap((css, n): [number, string] => [n / last, css]);
  return ["interpolate", ["linear"], positionExpression(scoring), ...stops] as unknown as ExpressionSpecification;
}

/** 1 excluded, 3 too little known: neither has a rank. */
const excluded: ExpressionSpecification = ["in", ["get", "x"], ["literal", [1, 3]]];
const ranked: ExpressionSpecification = ["!", excluded];
const unsure: ExpressionSpecification = ["==", ["get", "x"], 2];
const pointed: ExpressionSpecification = ["boolean", ["feature-state", "pointed"], false];
const chosen: ExpressionSpecification = ["boolean", ["feature-state", "chosen"], false];

type SiteLayer = FillLayerSpecification | LineLayerSpecification | SymbolLayerSpecification;

export function siteLayers(scoring: Scoring): SiteLayer[] {
  const tiles = { source: SITES, "source-layer": SITES } as const;
  return [
    {
      id: "sites-excluded",
      type: "fill",
      ...tiles,
      filter: excluded,
      paint: { "fill-pattern": HATCH, "fill-opacity": 0.75 },
    },
    {
      id: "sites-excluded-edge",
      type: "line",
      ...tiles,
      filter: excluded,
      minzoom: 12.5,
      paint: { "line-color": excludedColour, "line-width": 0.75, "line-opacity": 0.7 },
    },
    { id: "sites-fill", type: "fill", ...tiles, filter: ranked, paint: { "fill-color": colour(scoring) } },
    {
      // Seen from afar a site is smaller than a pixel; its edge keeps it visible.
      id: "sites-edge",
      type: "line",
      ...tiles,
      filter: ranked,
      paint: {
        "line-color": ["interpolate", ["linear"], ["zoom"], 13, colour(scoring), 15, "#ffffff"],
        "line-width": ["interpolate", ["linear"], ["zoom"], 9, 2.2, 12, 1.6, 15, 1],
      },
    },
    {
      id: "sites-unsure",
      type: "line",
      ...tiles,
      filter: unsure,
      paint: { "line-color": maybeColour, "line-width": 1.5, "line-dasharray": [2, 1.5] },
    },
    {
      id: "sites-pointed",
      type: "line",
      ...tiles,
      paint: {
        "line-color": ["case", chosen, selectedColour, "#1d1b18"],
        "line-width": ["case", chosen, 3.5, pointed, 2, 0],
      },
    },
  ];
}

const unlessUnseen: ExpressionSpecification = ["case", ["boolean", ["get", "unseen"], false], 0, 1];

/** A pin that nobody sees: the map learns how to draw pins on it while the ranking is still on its way. */
export function unseenPin(lon: number, lat: number): GeoJSON.Feature {
  const geometry: GeoJSON.Point = { type: "Point", coordinates: [lon, lat] };
  return { type: "Feature", properties: { rank: 1, label: "1", unseen: true }, geometry };
}

export function labelLayers(): SymbolLayerSpecification[] {
  const pin: NonNullable<SymbolLayerSpecification["layout"]> = {
    "icon-image": PIN,
    "icon-anchor": "bottom",
    "text-field": ["get", "label"],
    "text-font": [bold],
    "text-size": 13,
    "text-offset": [0, -1.62],
    "text-anchor": "center",
  };
  return [
    {
      id: "best-sites",
      type: "symbol",
      source: BEST,
      layout: { ...pin, "symbol-sort-key": ["get", "rank"], "icon-padding": 0 },
      paint: { "text-color": onDark, "icon-opacity": unlessUnseen, "text-opacity": unlessUnseen },
    },
    {
      id: CHOSEN_LAYER,
      type: "symbol",
      source: CHOSEN,
      layout: { ...pin, "icon-image": PIN_CHOSEN, "icon-allow-overlap": true, "text-allow-overlap": true },
      paint: { "text-color": onDark },
    },
  ];
}
