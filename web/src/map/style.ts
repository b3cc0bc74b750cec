/** The whole map style, made from the deployment's own layers. Nothing in it points away from this server. */
import type {
  ExpressionSpecification,
  LayerSpecification,
  SourceSpecification,
  StyleSpecification,
  SymbolLayerSpecification,
} from "maplibre-gl";
import type { Bounds, Layer } from "../api/types";
import type { Lang } from "../i18n/locale.svelte";
import { bold, fontFaces, regular } from "./fonts";
import * as p from "./palette";
import { above, below, drawing, shownAtFirst, sourceOf } from "./roles";
import { BEST, CHOSEN, labelLayers } from "./sites";

/** Site layers are added below this empty layer once a ranking is there. */
export const SITES_SLOT = "slot:sites";
export const PLACES = "places";

const nothing: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };

export function mapStyle(layers: Layer[], lang: Lang, bounds: Bounds): StyleSpecification {
  const sources: Record<string, SourceSpecification> = {
    [PLACES]: { type: "geojson", data: nothing },
    [BEST]: { type: "geojson", data: nothing },
    [CHOSEN]: { type: "geojson", data: nothing },
  };
  for (const layer of layers) sources[sourceOf(layer)] = source(layer, bounds);
  return {
    version: 8,
    "font-faces": fontFaces(),
    sources,
    transition: { duration: 0, delay: 0 },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": p.ground } },
      ...inOrder(layers, below),
      { id: SITES_SLOT, type: "background", layout: { visibility: "none" } },
      ...inOrder(layers, above),
      ...layers.filter((layer) => layer.role === "roads").map((layer) => roadNames(layer, lang)),
      ...placeNames(lang),
      ...labelLayers(),
    ],
  };
}

/** Flood maps are asked for everywhere: where they end, the server hatches what is not known. */
function source(layer: Layer, everywhere: Bounds): SourceSpecification {
  const shared = {
    tiles: [
      `${location.origin}/tiles/${encodeURIComponent(layer.name)}/{z}/{x}/{y}?v=${encodeURIComponent(layer.hash)}`,
    ],
    minzoom: layer.min_zoom,
    maxzoom: layer.max_zoom,
    bounds: layer.role === "flood_depth" ? everywhere : layer.bounds,
  };
  return layer.kind === "raster" ? { type: "raster", tileSize: 256, ...shared } : { type: "vector", ...shared };
}

function inOrder(layers: Layer[], roles: string[]): LayerSpecification[] {
  const isFirst = roles === below;
  const known = new Set([...below, ...above]);
  // Roles this page does not know lie at the very bottom, where they hide nothing.
  const others = isFirst ? layers.filter((layer) => !known.has(layer.role)) : [];
  const ordered = roles.flatMap((role) => layers.filter((layer) => layer.role === role));
  return [...others, ...ordered].flatMap((layer) =>
    drawing(layer).map((drawn) => {
      const visibility = shownAtFirst(layer) ? "visible" : "none";
      return { ...drawn, layout: { ...drawn.layout, visibility } } as LayerSpecification;
    }),
  );
}

/** A name in the reader's language, or in the other one where that is all there is. */
export function nameIn(lang: Lang): ExpressionSpecification {
  const [first, second] = lang === "km" ? ["name_km", "name"] : ["name", "name_km"];
  return ["coalesce", ["get", first], ["get", second], ""];
}

const roadLabel = (layer: Layer) => `${sourceOf(layer)}:label`;

function roadNames(layer: Layer, lang: Lang): SymbolLayerSpecification {
  return {
    id: roadLabel(layer),
    type: "symbol",
    source: sourceOf(layer),
    "source-layer": layer.name,
    minzoom: 13.5,
    layout: {
      "symbol-placement": "line",
      "text-field": nameIn(lang),
      "text-font": [regular],
      "text-size": 11,
      "text-max-angle": 30,
    },
    paint: { "text-color": "#6b6255", "text-halo-color": p.halo, "text-halo-width": 1.4 },
  };
}

function placeNames(lang: Lang): SymbolLayerSpecification[] {
  const shared = { type: "symbol", source: PLACES } as const;
  const paint = { "text-color": p.placeText, "text-halo-color": p.halo, "text-halo-width": 1.5 };
  return [
    {
      id: "places:sangkat",
      ...shared,
      minzoom: 12,
      filter: ["==", ["get", "level"], "sangkat"],
      layout: { "text-field": ["get", lang], "text-font": [regular], "text-size": 12, "text-max-width": 7 },
      paint: { ...paint, "text-opacity": 0.85 },
    },
    {
      id: "places:khan",
      ...shared,
      maxzoom: 14,
      filter: ["in", ["get", "level"], ["literal", ["khan", "province"]]],
      layout: {
        "text-field": ["get", lang],
        "text-font": [bold],
        "text-size": ["interpolate", ["linear"], ["zoom"], 9, 11, 13, 15],
        "text-max-width": 8,
      },
      paint,
    },
  ];
}

/** What to set on which layer when the reader changes language. */
export function labelFields(layers: Layer[], lang: Lang): [id: string, field: ExpressionSpecification][] {
  const services = layers.filter((layer) => layer.role === "services" && layer.kind === "vector");
  return [
    ["places:sangkat", ["get", lang]],
    ["places:khan", ["get", lang]],
    ...layers
      .filter((layer) => layer.role === "roads")
      .map((layer): [string, ExpressionSpecification] => [roadLabel(layer), nameIn(lang)]),
    ...services.map((layer): [string, ExpressionSpecification] => [
      `${sourceOf(layer)}:icon`,
      ["step", ["zoom"], "", 14.5, nameIn(lang)],
    ]),
  ];
}
