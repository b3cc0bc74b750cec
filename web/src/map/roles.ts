/** How each role of layer is drawn. Order by meaning: ground first, then what lies on it, then what people look for. */
import type { ExpressionSpecification, LayerSpecification } from "maplibre-gl";
import type { Layer } from "../api/types";
import { regular } from "./fonts";
import { serviceIcon, serviceKinds } from "./icons";
import * as p from "./palette";

/** Roles from the bottom of the map to the top; candidate sites lie above the first group and below the second. */
export const below = [
  "elevation",
  "protected",
  "parcels",
  "indicators",
  "flood_depth",
  "flood_zones",
  "water",
  "buildings",
  "roads",
  "boundaries",
];
export const above = ["settlements", "services"];

/** What is drawn before anybody asks: enough to know where one is. */
const base = new Set(["water", "roads", "boundaries"]);

export function shownAtFirst(layer: Layer): boolean {
  return layer.kind === "vector" && base.has(layer.role);
}

type Tiles = { source: string; "source-layer": string };

const roadRank: ExpressionSpecification = [
  "match",
  ["get", "class"],
  ["motorway", "trunk"],
  4,
  ["primary"],
  3,
  ["secondary", "tertiary"],
  2,
  ["track", "pedestrian", "footway", "path", "cycleway", "steps"],
  0,
  1,
];

/** Width in pixels of a road by rank (0 path … 4 trunk road) at a zoom, growing with the scale of the map. */
function roadWidth(extra: number): ExpressionSpecification {
  const at = (path: number, street: number, main: number, primary: number, trunk: number): ExpressionSpecification => [
    "+",
    extra,
    ["match", roadRank, 4, trunk, 3, primary, 2, main, 1, street, path],
  ];
  return [
    "interpolate",
    ["exponential", 1.5],
    ["zoom"],
    9,
    at(0, 0, 0.4, 1, 1.7),
    12,
    at(0, 0.35, 1.2, 2.3, 3.3),
    15,
    at(0.6, 2.2, 4, 5.5, 7),
    18,
    at(2, 12, 18, 22, 26),
  ];
}

function roads(tiles: Tiles, id: string): LayerSpecification[] {
  const minorFromAfar: ExpressionSpecification = [">=", roadRank, ["step", ["zoom"], 2, 11.5, 1, 14, 0]];
  const round = { "line-cap": "round", "line-join": "round", "line-sort-key": roadRank } as const;
  const major: ExpressionSpecification = [">=", roadRank, 2];
  return [
    {
      id: `${id}:casing`,
      type: "line",
      ...tiles,
      filter: minorFromAfar,
      layout: round,
      paint: {
        "line-color": ["case", major, p.roadMajorCasing, p.roadMinorCasing],
        "line-width": roadWidth(1.3),
      },
    },
    {
      id: `${id}:surface`,
      type: "line",
      ...tiles,
      filter: minorFromAfar,
      layout: round,
      paint: { "line-color": ["case", major, p.roadMajor, p.roadMinor], "line-width": roadWidth(0) },
    },
  ];
}

function boundaries(tiles: Tiles, id: string): LayerSpecification[] {
  const khan: ExpressionSpecification = ["in", ["get", "level"], ["literal", ["khan", "province"]]];
  return [
    {
      id: `${id}:sangkat`,
      type: "line",
      ...tiles,
      minzoom: 11,
      filter: ["!", khan],
      paint: {
        "line-color": p.boundaryLine,
        "line-width": 0.8,
        "line-dasharray": [3, 2],
        "line-opacity": ["interpolate", ["linear"], ["zoom"], 11, 0.2, 13, 0.55],
      },
    },
    {
      id: `${id}:khan`,
      type: "line",
      ...tiles,
      filter: khan,
      layout: { "line-join": "round" },
      paint: {
        "line-color": p.boundaryLine,
        "line-width": ["interpolate", ["linear"], ["zoom"], 9, 0.8, 14, 2],
        "line-opacity": 0.75,
      },
    },
  ];
}

function water(tiles: Tiles, id: string): LayerSpecification[] {
  return [
    { id: `${id}:fill`, type: "fill", ...tiles, paint: { "fill-color": p.waterFill } },
    { id: `${id}:shore`, type: "line", ...tiles, minzoom: 11, paint: { "line-color": p.waterLine, "line-width": 0.7 } },
  ];
}

function parcels(tiles: Tiles, id: string): LayerSpecification[] {
  const free: ExpressionSpecification = ["==", ["get", "available"], "yes"];
  return [
    {
      id: `${id}:fill`,
      type: "fill",
      ...tiles,
      paint: { "fill-color": ["case", free, "#e6d391", "#e9e3d5"], "fill-opacity": 0.6 },
    },
    { id: `${id}:edge`, type: "line", ...tiles, minzoom: 13, paint: { "line-color": p.parcelLine, "line-width": 0.5 } },
  ];
}

/** Zones of unknown state are drawn as such: what a satellite did not see is not dry. */
export const zoneColours: Record<string, string> = {
  very_high: "#3f2a72",
  high: "#5a56a5",
  medium: "#8294c8",
  low: "#b8c8e2",
  flooded: "#5a7fb8",
  dry: "#efe9d8",
  unknown: "#a9a49a",
};

function floodZones(tiles: Tiles, id: string): LayerSpecification[] {
  const stops = Object.entries(zoneColours).flat();
  const colour = ["match", ["get", "class"], ...stops, "#8294c8"] as unknown as ExpressionSpecification;
  return [
    { id: `${id}:fill`, type: "fill", ...tiles, paint: { "fill-color": colour, "fill-opacity": 0.5 } },
    { id: `${id}:edge`, type: "line", ...tiles, paint: { "line-color": colour, "line-width": 1.2 } },
  ];
}

function settlements(tiles: Tiles, id: string, layer: Layer): LayerSpecification[] {
  const size: ExpressionSpecification = [
    "interpolate",
    ["linear"],
    ["sqrt", ["number", ["get", "households"], 50]],
    3,
    3.5,
    30,
    12,
  ];
  if (layer.geometry === "point") {
    return [
      {
        id: `${id}:point`,
        type: "circle",
        ...tiles,
        paint: {
          "circle-color": p.settlementFill,
          "circle-radius": size,
          "circle-opacity": 0.75,
          "circle-stroke-color": "#ffffff",
          "circle-stroke-width": 1.2,
        },
      },
    ];
  }
  return [
    {
      id: `${id}:fill`,
      type: "fill",
      ...tiles,
      paint: { "fill-color": p.settlementFill, "fill-opacity": 0.5 },
    },
    { id: `${id}:edge`, type: "line", ...tiles, paint: { "line-color": p.settlementFill, "line-width": 1.8 } },
  ];
}

function services(tiles: Tiles, id: string): LayerSpecification[] {
  const icons = serviceKinds.flatMap((kind) => [kind, serviceIcon(kind)]);
  return [
    {
      id: `${id}:icon`,
      type: "symbol",
      ...tiles,
      layout: {
        "icon-image": ["match", ["get", "kind"], ...icons, ""] as unknown as ExpressionSpecification,
        "icon-size": ["interpolate", ["linear"], ["zoom"], 10, 0.6, 14, 1],
        "icon-padding": 0,
        "text-field": ["step", ["zoom"], "", 14.5, ["coalesce", ["get", "name"], ""]],
        "text-font": [regular],
        "text-size": 11,
        "text-anchor": "top",
        "text-offset": [0, 1],
        "text-optional": true,
      },
      paint: { "text-color": "#3b3630", "text-halo-color": p.halo, "text-halo-width": 1.2 },
    },
  ];
}

/** A role that this page has no drawing for is still shown, plainly. */
function plain(tiles: Tiles, id: string, layer: Layer, colour = "#7b6d5a"): LayerSpecification[] {
  if (layer.geometry === "point") {
    return [{ id: `${id}:point`, type: "circle", ...tiles, paint: { "circle-color": colour, "circle-radius": 4 } }];
  }
  const line: LayerSpecification = {
    id: `${id}:line`,
    type: "line",
    ...tiles,
    paint: { "line-color": colour, "line-width": 1 },
  };
  if (layer.geometry === "line") return [line];
  return [{ id: `${id}:fill`, type: "fill", ...tiles, paint: { "fill-color": colour, "fill-opacity": 0.25 } }, line];
}

export const sourceOf = (layer: Layer) => `layer:${layer.name}`;

/** The drawing of one layer; ids begin with its source so that all of it can be switched together. */
export function drawing(layer: Layer): LayerSpecification[] {
  const id = sourceOf(layer);
  if (layer.kind === "raster") {
    return [
      { id: `${id}:raster`, type: "raster", source: id, paint: { "raster-opacity": 0.85, "raster-fade-duration": 0 } },
    ];
  }
  const tiles: Tiles = { source: id, "source-layer": layer.name };
  switch (layer.role) {
    case "roads":
      return roads(tiles, id);
    case "boundaries":
      return boundaries(tiles, id);
    case "water":
      return water(tiles, id);
    case "parcels":
      return parcels(tiles, id);
    case "flood_zones":
      return floodZones(tiles, id);
    case "settlements":
      return settlements(tiles, id, layer);
    case "services":
      return services(tiles, id);
    case "protected":
      return plain(tiles, id, layer, p.protectedFill);
    default:
      return plain(tiles, id, layer);
  }
}
