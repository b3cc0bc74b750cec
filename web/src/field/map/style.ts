/** How the area's map looks. Its tiles come from the file on the phone; nothing points elsewhere. */
import type { ExpressionSpecification, LayerSpecification, SourceSpecification, StyleSpecification } from "maplibre-gl";
import { bold, fontFaces, regular } from "../../map/fonts";
import * as p from "../../map/palette";
import type { Lang } from "../words/locale.svelte";
import { signOf } from "./signs";

export const AREA = "area";
export const HOUSEHOLDS = "households";
export const ME = "me";
export const MARKED = "marked";
export const BUILDINGS = "buildings";

const nothing: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };

const nameIn = (lang: Lang): ExpressionSpecification => {
  const [first, second] = lang === "km" ? ["name_km", "name"] : ["name", "name_km"];
  return ["coalesce", ["get", first], ["get", second], ""];
};

/** `pack` is the address that the file's tiles are asked by, or null. */
export function style(pack: string | null, lang: Lang): StyleSpecification {
  const geojson: SourceSpecification = { type: "geojson", data: nothing };
  const sources: Record<string, SourceSpecification> = { [HOUSEHOLDS]: geojson, [ME]: geojson, [MARKED]: geojson };
  if (pack !== null) sources[AREA] = { type: "vector", url: pack };
  return {
    version: 8,
    "font-faces": fontFaces(),
    sources,
    transition: { duration: 0, delay: 0 },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": p.ground } },
      ...(pack === null ? [] : area(lang)),
      ...own(),
    ],
  };
}

const part = (layer: string) => ({ source: AREA, "source-layer": layer }) as const;

function area(lang: Lang): LayerSpecification[] {
  const label = { "text-field": nameIn(lang), "text-font": [regular] };
  const paint = { "text-color": p.placeText, "text-halo-color": p.halo, "text-halo-width": 1.5 };
  const isMajor: ExpressionSpecification = [
    "in",
    ["coalesce", ["get", "class"], ["get", "kind"], ""],
    ["literal", ["motorway", "trunk", "primary", "secondary", "tertiary"]],
  ];
  const width = (extra: number): ExpressionSpecification => [
    "interpolate",
    ["exponential", 1.6],
    ["zoom"],
    11,
    ["case", isMajor, 1.2 + extra, 0.4],
    18,
    ["case", isMajor, 18 + extra, 9 + extra],
  ];
  return [
    {
      id: "water",
      type: "fill",
      ...part("water"),
      paint: { "fill-color": p.waterFill, "fill-outline-color": p.waterLine },
    },
    {
      id: "settlements",
      type: "fill",
      ...part("settlements"),
      paint: { "fill-color": p.settlementFill, "fill-opacity": 0.16 },
    },
    {
      id: "sites",
      type: "line",
      ...part("sites"),
      paint: { "line-color": "#0b4f55", "line-width": 2.5, "line-dasharray": [2, 1] },
    },
    {
      id: BUILDINGS,
      type: "fill",
      ...part("buildings"),
      minzoom: 13,
      paint: { "fill-color": "#ddd3c2", "fill-outline-color": "#a99f8c" },
    },
    {
      id: "roads-casing",
      type: "line",
      ...part("roads"),
      layout: { "line-cap": "round" },
      paint: { "line-color": p.roadMajorCasing, "line-width": width(1.5) },
    },
    {
      id: "roads",
      type: "line",
      ...part("roads"),
      layout: { "line-cap": "round" },
      paint: { "line-color": p.roadMajor, "line-width": width(0) },
    },
    {
      id: "boundaries",
      type: "line",
      ...part("boundaries"),
      paint: { "line-color": p.boundaryLine, "line-width": 1.5, "line-dasharray": [3, 2] },
    },
    {
      id: "roads-names",
      type: "symbol",
      ...part("roads"),
      minzoom: 14,
      layout: { ...label, "symbol-placement": "line", "text-size": 12 },
      paint,
    },
    {
      id: "services",
      type: "circle",
      ...part("services"),
      minzoom: 13,
      paint: {
        "circle-radius": 5,
        "circle-color": "#1d4f91",
        "circle-stroke-color": "#ffffff",
        "circle-stroke-width": 1.5,
      },
    },
    {
      id: "services-names",
      type: "symbol",
      ...part("services"),
      minzoom: 14.5,
      layout: { ...label, "text-size": 12, "text-offset": [0, 1], "text-anchor": "top", "text-max-width": 9 },
      paint: { ...paint, "text-color": "#1d4f91" },
    },
    {
      id: "settlements-names",
      type: "symbol",
      ...part("settlements"),
      minzoom: 12.5,
      layout: { ...label, "text-font": [bold], "text-size": 13 },
      paint,
    },
  ];
}

/** What is drawn over the area's map. */
function own(): LayerSpecification[] {
  return [
    {
      id: "accuracy",
      type: "fill",
      source: ME,
      filter: ["==", ["geometry-type"], "Polygon"],
      paint: { "fill-color": "#1d4f91", "fill-opacity": 0.14, "fill-outline-color": "#1d4f91" },
    },
    {
      id: "me",
      type: "circle",
      source: ME,
      filter: ["==", ["geometry-type"], "Point"],
      paint: {
        "circle-radius": 8,
        "circle-color": "#1d4f91",
        "circle-stroke-color": "#ffffff",
        "circle-stroke-width": 3,
      },
    },
    {
      id: HOUSEHOLDS,
      type: "symbol",
      source: HOUSEHOLDS,
      layout: {
        "icon-image": ["concat", signOf("nothing").replace("nothing", ""), ["get", "need"]],
        "icon-allow-overlap": true,
        "icon-size": ["interpolate", ["linear"], ["zoom"], 10, 0.45, 15, 0.9, 18, 1.1],
        // The most urgent lies on top.
        "symbol-sort-key": ["get", "rank"],
        "symbol-z-order": "source",
      },
      paint: { "icon-opacity": ["case", ["get", "atSite"], 0.6, 1] },
    },
    {
      id: MARKED,
      type: "circle",
      source: MARKED,
      paint: {
        "circle-radius": 11,
        "circle-color": "#d5420b",
        "circle-stroke-color": "#ffffff",
        "circle-stroke-width": 3,
      },
    },
  ];
}

/** A circle of so many metres about a point. */
export function circle(lon: number, lat: number, metres: number): GeoJSON.Polygon {
  const [dy, dx] = [metres / 111_320, metres / (111_320 * Math.cos((lat * Math.PI) / 180))];
  const ring = Array.from({ length: 49 }, (_, i): GeoJSON.Position => {
    const turn = (i / 48) * 2 * Math.PI;
    return [lon + dx * Math.cos(turn), lat + dy * Math.sin(turn)];
  });
  return { type: "Polygon", coordinates: [ring] };
}
