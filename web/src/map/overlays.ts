/** What lies over the map while a planner looks closer: ways to services, compared sites, a plot being drawn. */
import type { ExpressionSpecification, LayerSpecification } from "maplibre-gl";
import { bold } from "./fonts";
import { movers, plots } from "./plan-overlays";
import { serviceIcon } from "./icons";
import { onDark, selectedColour } from "./ramp";

export type Overlay = "routes" | "compared" | "asked" | "position" | "measured" | "movers" | "plots" | "sketch";

/** On dry roads a way is a full line; where a flood has cut roads it is dashed, and beside the dry one. */
export const wayColours = { dry: "#0b4f55", flooded: "#b3400a" } as const;
const letterColour = "#1d1b18";
const halo = "#ffffff";

const is = (property: string, value: string | boolean): ExpressionSpecification => ["==", ["get", property], value];
/** A way that is not the one looked at steps back. */
const strength: ExpressionSpecification = ["case", is("dim", true), 0.25, 1];

function routes(source: string): LayerSpecification[] {
  const round = { "line-cap": "round", "line-join": "round" } as const;
  const ways: ExpressionSpecification = ["==", ["geometry-type"], "LineString"];
  const width: ExpressionSpecification = ["case", is("strong", true), 5, 3];
  return [
    {
      id: `${source}:halo`,
      type: "line",
      source,
      filter: ways,
      layout: round,
      paint: {
        "line-color": halo,
        "line-width": ["+", width, 3],
        "line-opacity": ["*", 0.8, strength] as ExpressionSpecification,
        "line-offset": ["case", is("flooded", true), 4, 0],
      },
    },
    {
      id: `${source}:dry`,
      type: "line",
      source,
      filter: ["all", ways, is("flooded", false)],
      layout: round,
      paint: { "line-color": wayColours.dry, "line-width": width, "line-opacity": strength },
    },
    {
      id: `${source}:flooded`,
      type: "line",
      source,
      filter: ["all", ways, is("flooded", true)],
      layout: { "line-join": "round" },
      paint: {
        "line-color": wayColours.flooded,
        "line-width": width,
        "line-opacity": strength,
        "line-offset": 4,
        "line-dasharray": [2, 1.2],
      },
    },
    {
      id: `${source}:ends`,
      type: "symbol",
      source,
      filter: ["==", ["geometry-type"], "Point"],
      layout: {
        "icon-image": ["concat", serviceIcon(""), ["get", "service"]],
        "icon-allow-overlap": true,
        "text-field": ["get", "label"],
        "text-font": [bold],
        "text-size": 12,
        // Where many ends lie close together, each label takes the side that is free; the way looked at comes first.
        "text-variable-anchor": [
          "left",
          "right",
          "top",
          "bottom",
          "top-left",
          "top-right",
          "bottom-left",
          "bottom-right",
        ],
        "text-radial-offset": 1.1,
        "text-justify": "auto",
        "text-optional": true,
        "symbol-sort-key": ["get", "order"],
      },
      paint: {
        "icon-opacity": strength,
        "text-opacity": strength,
        "text-color": letterColour,
        "text-halo-color": halo,
        "text-halo-width": 1.8,
      },
    },
  ];
}

function compared(source: string): LayerSpecification[] {
  const shapes: ExpressionSpecification = ["!=", ["geometry-type"], "Point"];
  return [
    {
      id: `${source}:halo`,
      type: "line",
      source,
      filter: shapes,
      paint: { "line-color": halo, "line-width": 6 },
    },
    {
      id: `${source}:edge`,
      type: "line",
      source,
      filter: shapes,
      paint: { "line-color": letterColour, "line-width": 3 },
    },
    {
      id: `${source}:disc`,
      type: "circle",
      source,
      filter: ["==", ["geometry-type"], "Point"],
      paint: {
        "circle-radius": 13,
        "circle-color": letterColour,
        "circle-stroke-color": halo,
        "circle-stroke-width": 2.5,
      },
    },
    {
      id: `${source}:letter`,
      type: "symbol",
      source,
      filter: ["==", ["geometry-type"], "Point"],
      layout: {
        "text-field": ["get", "letter"],
        "text-font": [bold],
        "text-size": 15,
        "text-allow-overlap": true,
        "text-ignore-placement": true,
      },
      paint: { "text-color": onDark },
    },
  ];
}

function sketch(source: string): LayerSpecification[] {
  const open: ExpressionSpecification = is("part", "open");
  return [
    {
      id: `${source}:fill`,
      type: "fill",
      source,
      filter: is("part", "plot"),
      paint: { "fill-color": selectedColour, "fill-opacity": 0.2 },
    },
    {
      id: `${source}:halo`,
      type: "line",
      source,
      filter: ["any", is("part", "plot"), open],
      paint: { "line-color": halo, "line-width": 5 },
    },
    {
      id: `${source}:edge`,
      type: "line",
      source,
      filter: ["any", is("part", "plot"), open],
      paint: { "line-color": selectedColour, "line-width": 2.5 },
    },
    {
      id: `${source}:corners`,
      type: "circle",
      source,
      filter: ["any", is("part", "corner"), is("part", "middle")],
      paint: {
        "circle-radius": ["case", is("active", true), 9, is("part", "middle"), 4.5, 7],
        "circle-color": ["case", is("active", true), selectedColour, halo],
        "circle-stroke-color": selectedColour,
        "circle-stroke-width": ["case", is("part", "middle"), 1.5, 2.5],
      },
    },
  ];
}

/** A ring around the place that was asked about. */
function asked(source: string): LayerSpecification[] {
  const ring = { "circle-color": "transparent", "circle-stroke-opacity": 1 } as const;
  return [
    {
      id: `${source}:halo`,
      type: "circle",
      source,
      paint: { ...ring, "circle-radius": 8, "circle-stroke-color": halo, "circle-stroke-width": 5 },
    },
    {
      id: `${source}:ring`,
      type: "circle",
      source,
      paint: { ...ring, "circle-radius": 8, "circle-stroke-color": letterColour, "circle-stroke-width": 2.5 },
    },
  ];
}

/** Areas, lines and spots in one colour over a white edge: a position with its accuracy, or what is measured. */
function marked(colour: string): (source: string) => LayerSpecification[] {
  return (source) => [
    {
      id: `${source}:area`,
      type: "fill",
      source,
      filter: ["==", ["geometry-type"], "Polygon"],
      paint: { "fill-color": colour, "fill-opacity": 0.15 },
    },
    {
      id: `${source}:halo`,
      type: "line",
      source,
      filter: ["!=", ["geometry-type"], "Point"],
      paint: { "line-color": halo, "line-width": 5 },
    },
    {
      id: `${source}:line`,
      type: "line",
      source,
      filter: ["!=", ["geometry-type"], "Point"],
      paint: { "line-color": colour, "line-width": 2.5 },
    },
    {
      id: `${source}:spot`,
      type: "circle",
      source,
      filter: ["==", ["geometry-type"], "Point"],
      paint: { "circle-radius": 6, "circle-color": colour, "circle-stroke-color": halo, "circle-stroke-width": 2.5 },
    },
  ];
}

const drawings: Record<Overlay, (source: string) => LayerSpecification[]> = {
  routes,
  compared,
  asked,
  position: marked("#1a5fb4"),
  measured: marked(selectedColour),
  movers,
  plots,
  sketch,
};

/** From below to above: what is being drawn must not be hidden by what is found out about it. */
export const overlayOrder: readonly Overlay[] = [
  "routes",
  "compared",
  "asked",
  "position",
  "measured",
  "movers",
  "plots",
  "sketch",
];

export const overlaySource = (name: Overlay) => `overlay:${name}`;

export function overlayLayers(name: Overlay): LayerSpecification[] {
  return drawings[name](overlaySource(name));
}
