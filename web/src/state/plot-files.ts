/** Outlines in files that a planner drops onto the map: GeoJSON, KML from Google Earth, GPX from a walk around a field. */
import { settled, type Corner } from "../map/ring";
import { LEAST_CORNERS, LONGEST_NAME, MOST_CORNERS } from "./plots";

export interface Outline {
  name: string;
  rings: Corner[][];
}

/** Why something in a file became no plot. */
export type Unusable =
  "unreadable" | "nothing" | "not_degrees" | "too_few" | "too_many" | "too_large" | "zipped" | "unknown";

export interface FileContent {
  outlines: Outline[];
  /** How often each thing was left out. */
  left: Map<Unusable, number>;
}

/** Outlines of plots are small; a larger file is something else. */
export const LARGEST_FILE = 5 * 1024 * 1024;

type Reader = (text: string) => FileContent;

/** Reads a dropped file by its name; XML needs the browser's parser, which is handed in. */
export function readPlots(name: string, text: string, parseXml: (text: string) => Document): FileContent {
  const readers: Record<string, Reader> = {
    geojson: readGeoJson,
    json: readGeoJson,
    kml: (xml) => readXml(xml, parseXml, kmlOutlines),
    gpx: (xml) => readXml(xml, parseXml, gpxOutlines),
  };
  const ending = name.split(".").at(-1)?.toLowerCase() ?? "";
  const reader = readers[ending];
  if (!reader) return only(["kmz", "zip"].includes(ending) ? "zipped" : "unknown");
  if (text.length > LARGEST_FILE) return only("too_large");
  return reader(text);
}

function only(why: Unusable): FileContent {
  return { outlines: [], left: new Map([[why, 1]]) };
}

class Collected {
  readonly outlines: Outline[] = [];
  readonly left = new Map<Unusable, number>();

  leave(why: Unusable): void {
    this.left.set(why, (this.left.get(why) ?? 0) + 1);
  }

  /** Takes a polygon whose rings may be closed by a repeated corner. */
  take(name: string, rings: readonly (readonly (readonly number[])[])[]): void {
    const cleaned = rings.map(opened);
    const corners = cleaned.reduce((sum, ring) => sum + ring.length, 0);
    if (cleaned.some((ring) => ring.some(([lon, lat]) => !(Math.abs(lon) <= 180 && Math.abs(lat) <= 90))))
      this.leave("not_degrees");
    else if (cleaned.length === 0 || cleaned.some((ring) => ring.length < LEAST_CORNERS)) this.leave("too_few");
    else if (corners > MOST_CORNERS) this.leave("too_many");
    else this.outlines.push({ name: name.trim().slice(0, LONGEST_NAME), rings: cleaned });
  }

  get content(): FileContent {
    if (this.outlines.length === 0 && this.left.size === 0) this.leave("nothing");
    return { outlines: this.outlines, left: this.left };
  }
}

/** Without the corner that closes the ring, and without one that stands twice in a row. */
function opened(ring: readonly (readonly number[])[]): Corner[] {
  const corners = ring.map(([lon, lat]) => settled([lon ?? NaN, lat ?? NaN]));
  const same = (a: Corner | undefined, b: Corner | undefined) => a?.[0] === b?.[0] && a?.[1] === b?.[1];
  const once = corners.filter((corner, n) => n === 0 || !same(corner, corners[n - 1]));
  return once.length > 1 && same(once[0], once.at(-1)) ? once.slice(0, -1) : once;
}

interface Loose {
  type?: unknown;
  features?: unknown;
  geometry?: unknown;
  geometries?: unknown;
  coordinates?: unknown;
  properties?: unknown;
}

function readGeoJson(text: string): FileContent {
  const found = new Collected();
  try {
    geoJson(JSON.parse(text), "", found, 0);
  } catch {
    return only("unreadable");
  }
  return found.content;
}

/** Collections within collections deeper than this are no file of plots. */
const DEEPEST = 8;

function geoJson(value: unknown, name: string, found: Collected, depth: number): void {
  if (typeof value !== "object" || value === null || depth > DEEPEST) return found.leave("unreadable");
  const loose = value as Loose;
  const each = (list: unknown) => {
    if (!Array.isArray(list)) return found.leave("unreadable");
    for (const one of list as unknown[]) geoJson(one, name, found, depth + 1);
  };
  switch (loose.type) {
    case "FeatureCollection":
      return each(loose.features);
    case "Feature":
      return geoJson(loose.geometry, nameIn(loose.properties), found, depth + 1);
    case "GeometryCollection":
      return each(loose.geometries);
    case "Polygon":
      return isRings(loose.coordinates) ? found.take(name, loose.coordinates) : found.leave("unreadable");
    case "MultiPolygon": {
      if (!Array.isArray(loose.coordinates)) return found.leave("unreadable");
      const parts = loose.coordinates as unknown[];
      parts.forEach((part, n) => {
        const called = parts.length > 1 ? `${name} ${n + 1}` : name;
        if (isRings(part)) found.take(called, part);
        else found.leave("unreadable");
      });
      return;
    }
    case "LineString":
      // A walk around a field.
      return isRings([loose.coordinates])
        ? found.take(name, [loose.coordinates as number[][]])
        : found.leave("unreadable");
    default:
      return found.leave("nothing");
  }
}

function isRings(value: unknown): value is number[][][] {
  return (
    Array.isArray(value) &&
    value.every(
      (ring: unknown) =>
        Array.isArray(ring) &&
        ring.every(
          (corner: unknown) =>
            Array.isArray(corner) && corner.length >= 2 && corner.every((number) => typeof number === "number"),
        ),
    )
  );
}

function nameIn(properties: unknown): string {
  if (typeof properties !== "object" || properties === null) return "";
  const known = properties as Record<string, unknown>;
  const name = ["name", "Name", "NAME", "title", "label"]
    .map((key) => known[key])
    .find((one) => typeof one === "string");
  return typeof name === "string" ? name : "";
}

function readXml(
  text: string,
  parse: (text: string) => Document,
  read: (xml: Document, found: Collected) => void,
): FileContent {
  const found = new Collected();
  try {
    const xml = parse(text);
    // A browser says so inside of what it could read of a file that is broken or was cut off.
    if (elements(xml, "parsererror").length > 0) return only("unreadable");
    read(xml, found);
  } catch {
    return only("unreadable");
  }
  return found.content;
}

/** Elements of a name, whatever their namespace's prefix. */
const elements = (of: Document | Element, name: string) => [...of.getElementsByTagNameNS("*", name)];
const textOf = (of: Element, name: string) =>
  [...of.children].find(({ localName }) => localName === name)?.textContent?.trim() ?? "";

function kmlOutlines(xml: Document, found: Collected): void {
  for (const placemark of elements(xml, "Placemark")) {
    const name = textOf(placemark, "name");
    const ring = (of: Element) => kmlCorners(elements(of, "coordinates")[0]?.textContent ?? "");
    const polygons = elements(placemark, "Polygon");
    polygons.forEach((polygon, n) => {
      const outer = elements(polygon, "outerBoundaryIs").map(ring);
      const holes = elements(polygon, "innerBoundaryIs").map(ring);
      found.take(polygons.length > 1 ? `${name} ${n + 1}` : name, [...outer, ...holes]);
    });
    if (polygons.length > 0) continue;
    const lines = [...elements(placemark, "LineString"), ...elements(placemark, "LinearRing")];
    for (const line of lines) found.take(name, [ring(line)]);
    // A place of one point, or of a photograph, has no outline.
    if (lines.length === 0) found.leave("nothing");
  }
}

function kmlCorners(text: string): number[][] {
  return (
    text
      .trim()
      // Some write a blank after the comma, which is meant to part corners.
      .replace(/\s*,\s*/g, ",")
      .split(/\s+/)
      .filter(Boolean)
      .map((corner) => corner.split(",").map((part) => (part === "" ? NaN : Number(part))))
  );
}

function gpxOutlines(xml: Document, found: Collected): void {
  const degrees = (point: Element, name: string) => {
    const written = point.getAttribute(name)?.trim() ?? "";
    return written === "" ? NaN : Number(written);
  };
  const corner = (point: Element) => [degrees(point, "lon"), degrees(point, "lat")];
  for (const track of elements(xml, "trk")) {
    const segments = elements(track, "trkseg");
    segments.forEach((segment, n) => {
      const name = textOf(track, "name");
      found.take(segments.length > 1 ? `${name} ${n + 1}` : name, [elements(segment, "trkpt").map(corner)]);
    });
  }
  for (const route of elements(xml, "rte")) found.take(textOf(route, "name"), [elements(route, "rtept").map(corner)]);
  for (let n = elements(xml, "wpt").length; n > 0; n -= 1) found.leave("nothing");
}
