/** What the address remembers after `#`, so that a view can be reloaded, bookmarked or sent to a colleague. */
import type { View } from "../map/planner-map";

export interface Address {
  lang: string | null;
  view: View | null;
  /** Id of the open site. */
  site: string | null;
  /** Name of the scenario; the deployment's default where none is named. */
  scenario: string | null;
  /** Shares of the weights by criterion, in per mille. */
  weights: Map<string, number> | null;
  /** Corners of a plot that was drawn by hand, longitude and latitude. */
  plot: readonly [lon: number, lat: number][] | null;
}

/** The scenario that a deployment opens with; an address need not name it. */
export const DEFAULT = "default";

export function readAddress(hash: string): Address {
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  return {
    lang: parts.get("lang"),
    view: readView(parts.get("map")),
    site: parts.get("site"),
    scenario: parts.get("scenario"),
    weights: readWeights(parts.get("weights")),
    plot: readPlot(parts.get("plot")),
  };
}

export function writeAddress({ lang, view, site, scenario, weights, plot }: Address): string {
  const parts = new URLSearchParams();
  if (lang) parts.set("lang", lang);
  if (view) parts.set("map", `${view.zoom.toFixed(2)}/${view.lat.toFixed(5)}/${view.lon.toFixed(5)}`);
  if (site) parts.set("site", site);
  if (scenario && scenario !== DEFAULT) parts.set("scenario", scenario);
  if (weights) parts.set("weights", [...weights].map(([id, permille]) => `${id}:${permille}`).join(","));
  if (plot) parts.set("plot", plot.map(([lon, lat]) => `${lon},${lat}`).join(":"));
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

/** More corners than anybody draws by hand; the server takes no more either. */
const MOST_CORNERS = 500;

function readPlot(written: string | null): [lon: number, lat: number][] | null {
  if (!written) return null;
  const corners = written.split(":").map((corner): [number, number] => {
    const [lon, lat, ...rest] = corner.split(",").map((part) => (part === "" ? Number.NaN : Number(part)));
    return rest.length > 0 ? [Number.NaN, Number.NaN] : [lon ?? Number.NaN, lat ?? Number.NaN];
  });
  const sensible = corners.every(([lon, lat]) => Math.abs(lon) <= 180 && Math.abs(lat) <= 85);
  return sensible && corners.length >= 3 && corners.length <= MOST_CORNERS ? corners : null;
}

/** Puts a moved map into the address and leaves the rest of it alone. */
export function rewriteView(view: View): void {
  history.replaceState(null, "", writeAddress({ ...readAddress(location.hash), view }));
}
