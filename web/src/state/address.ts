/** What the address remembers after `#`, so that a view can be reloaded, bookmarked or sent to a colleague. */
import type { View } from "../map/planner-map";
import type { Corner } from "../map/ring";

/** A plot of a link: its outline, and what was typed of it. */
export interface LinkedPlot {
  corners: readonly Corner[];
  name: string;
  tenure: string | null;
  price: number | null;
}

/** The layers on the map, where they differ from those that a deployment opens with. */
export interface LinkedLayers {
  /** Opacity by name, 0–1. */
  visible: ReadonlyMap<string, number>;
  /** Opacity of the sites; 0 where they are hidden. */
  sites: number;
}

export interface Address {
  lang: string | null;
  view: View | null;
  /** Id of the open site. */
  site: string | null;
  /** Name of the scenario; the deployment's default where none is named. */
  scenario: string | null;
  /** Shares of the weights by criterion, in per mille. */
  weights: Map<string, number> | null;
  /** A plot that was drawn by hand, longitude and latitude. */
  plot: LinkedPlot | null;
  /** Whether the plots stand in place of the list. */
  draw: boolean;
  layers: LinkedLayers | null;
  /** Ids of the sites that are chosen for the comparison. */
  compare: readonly string[];
  /** What lies on the desk under the map: `compare`, `sure`, or `sure` with its view and draws (`sure:ranks:order`). */
  desk: string | null;
  /** Name of the scenario that the one on the table is compared with. */
  against: string | null;
}

/** The scenario that a deployment opens with; an address need not name it. */
export const DEFAULT = "default";

export const NOWHERE: Address = {
  lang: null,
  view: null,
  site: null,
  scenario: null,
  weights: null,
  plot: null,
  draw: false,
  layers: null,
  compare: [],
  desk: null,
  against: null,
};

/** More sites than these cannot be compared at once. */
const MOST_COMPARED = 4;

export function readAddress(hash: string): Address {
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  return {
    lang: parts.get("lang"),
    view: readView(parts.get("map")),
    site: parts.get("site"),
    scenario: parts.get("scenario"),
    weights: readWeights(parts.get("weights")),
    plot: readPlot(parts),
    draw: parts.has("draw") || parts.has("plot"),
    layers: readLayers(parts.get("layers")),
    compare: [...new Set(parts.getAll("compare"))].slice(0, MOST_COMPARED),
    desk: parts.get("desk"),
    against: parts.get("against"),
  };
}

/** The parts of an address that are there but cannot be understood: cut off or mistyped. */
export function unreadable(hash: string): string[] {
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  const read = readAddress(hash);
  const garbled: [part: string, read: unknown][] = [
    ["map", read.view],
    ["weights", read.weights],
    ["plot", read.plot],
    ["layers", read.layers],
  ];
  return garbled.flatMap(([part, found]) => (parts.get(part) && found === null ? [part] : []));
}

export function writeAddress(address: Address): string {
  const { lang, view, site, scenario, weights, plot, draw, layers, compare, desk, against } = address;
  const parts = new URLSearchParams();
  if (lang) parts.set("lang", lang);
  if (view) parts.set("map", `${view.zoom.toFixed(2)}/${view.lat.toFixed(5)}/${view.lon.toFixed(5)}`);
  if (site) parts.set("site", site);
  if (scenario && scenario !== DEFAULT) parts.set("scenario", scenario);
  if (weights) parts.set("weights", [...weights].map(([id, permille]) => `${id}:${permille}`).join(","));
  if (layers) parts.set("layers", writeLayers(layers));
  for (const id of compare) parts.append("compare", id);
  if (desk) parts.set("desk", desk);
  if (against) parts.set("against", against);
  if (plot) {
    parts.set("plot", plot.corners.map(([lon, lat]) => `${lon},${lat}`).join(":"));
    if (plot.name) parts.set("name", plot.name);
    if (plot.tenure) parts.set("tenure", plot.tenure);
    if (plot.price !== null) parts.set("price", String(plot.price));
  } else if (draw) parts.set("draw", "1");
  // Colons, commas and slashes need no escaping after `#` and make the link readable.
  return `#${parts.toString().replaceAll("%2F", "/").replaceAll("%3A", ":").replaceAll("%2C", ",")}`;
}

function readView(written: string | null): View | null {
  const [zoom, lat, lon] = (written ?? "").split("/").map(Number);
  if (zoom === undefined || lat === undefined || lon === undefined) return null;
  const sensible = Math.abs(lat) <= 85 && Math.abs(lon) <= 180 && zoom >= 0 && zoom <= 24;
  return sensible ? { zoom, lat, lon } : null;
}

function readWeights(written: string | null): Map<string, number> | null {
  if (!written) return null;
  const weights = new Map<string, number>();
  for (const part of written.split(",")) {
    const cut = part.lastIndexOf(":");
    const permille = Number(part.slice(cut + 1));
    if (cut < 1 || !Number.isFinite(permille) || permille < 0) return null;
    weights.set(part.slice(0, cut), permille);
  }
  return weights;
}

/** What the sites are called among the layers of a link; no layer's name begins so. */
const SITES = "*sites";

function writeLayers({ visible, sites }: LinkedLayers): string {
  const written = (name: string, opacity: number) => (opacity === 1 ? name : `${name}:${Math.round(opacity * 100)}`);
  return [written(SITES, sites), ...[...visible].map(([name, opacity]) => written(name, opacity))].join(",");
}

function readLayers(written: string | null): LinkedLayers | null {
  if (!written) return null;
  const visible = new Map<string, number>();
  for (const part of written.split(",")) {
    const [name, percent, ...rest] = part.split(":");
    const opacity = percent === undefined ? 1 : Number(percent || NaN) / 100;
    if (!name || rest.length > 0 || !(opacity >= 0 && opacity <= 1)) return null;
    visible.set(name, opacity);
  }
  const sites = visible.get(SITES) ?? 1;
  visible.delete(SITES);
  return { visible, sites };
}

/** More corners than anybody draws by hand; the server takes no more either. */
const MOST_CORNERS = 500;

function readPlot(parts: URLSearchParams): LinkedPlot | null {
  const written = parts.get("plot");
  if (!written) return null;
  const corners = written.split(":").map((corner): Corner => {
    const [lon, lat, ...rest] = corner.split(",").map((part) => (part === "" ? Number.NaN : Number(part)));
    return rest.length > 0 ? [Number.NaN, Number.NaN] : [lon ?? Number.NaN, lat ?? Number.NaN];
  });
  const sensible = corners.every(([lon, lat]) => Math.abs(lon) <= 180 && Math.abs(lat) <= 85);
  if (!sensible || corners.length < 3 || corners.length > MOST_CORNERS) return null;
  const price = Number(parts.get("price") || NaN);
  return {
    corners,
    name: parts.get("name") ?? "",
    tenure: parts.get("tenure"),
    price: price >= 0 && Number.isFinite(price) ? price : null,
  };
}

/** Puts a moved map into the address and leaves the rest of it alone. */
export function rewriteView(view: View): void {
  history.replaceState(history.state, "", writeAddress({ ...readAddress(location.hash), view }));
}
