/** Places that somebody types as numbers, however maps, phones and surveyors write them. */
import type { Bounds } from "../api/types";
import { fromUtm } from "./utm";

type Point = { lon: number; lat: number };

const NUMBER = /(-?\d+(?:\.\d+)?)\s*°?\s*(?:(\d+(?:\.\d+)?)\s*['′’](?!')\s*)?(?:(\d+(?:\.\d+)?)\s*(?:["″”]|'')\s*)?/
  .source;
const LETTER_BEFORE = new RegExp(`([NSEW])\\s*${NUMBER}`, "gi");
const LETTER_AFTER = new RegExp(`()${NUMBER}([NSEW])?`, "gi");
const METRES =
  /^\s*(?:(\d{1,2})\s*([C-X])?\s+)?(\d{6,7}(?:\.\d+)?)\s*(?:m?\s*E)?\s*[,;\s]\s*(\d{6,8}(?:\.\d+)?)\s*(?:m?\s*N)?\s*$/i;

/**
 * Latitude and longitude in degrees, or in degrees, minutes and seconds, or UTM metres; Latin or Khmer digits. Letters
 * (N, E) say which is which; without them the order that lies in or near the city wins. Null for anything else and for
 * what lies nowhere near.
 */
export function coordinates(query: string, bounds: Bounds): Point | null {
  const text = query.replace(/[\u17e0-\u17e9]/g, (digit) => String(digit.charCodeAt(0) - 0x17e0)).trim();
  return metres(text, bounds) ?? degrees(text, bounds);
}

function near({ lon, lat }: Point, [west, south, east, north]: Bounds): boolean {
  return lon >= west - 1 && lon <= east + 1 && lat >= south - 1 && lat <= north + 1;
}

function metres(text: string, bounds: Bounds): Point | null {
  const [, zone, band, easting, northing] = METRES.exec(text) ?? [];
  if (easting === undefined || northing === undefined) return null;
  // Letters before N are bands of the south.
  if (band !== undefined && band.toUpperCase() < "N") return null;
  const here = Math.floor(((bounds[0] + bounds[2]) / 2 + 180) / 6) + 1;
  const point = fromUtm(zone === undefined ? here : Number(zone), Number(easting), Number(northing));
  return near(point, bounds) ? point : null;
}

function degrees(text: string, bounds: Bounds): Point | null {
  const form = /^[NSEW]/i.test(text) ? LETTER_BEFORE : LETTER_AFTER;
  const parts = [...text.matchAll(form)];
  const rest = text.replace(form, "").replace(/[\s,;/]/g, "");
  const [first, second] = parts;
  if (parts.length !== 2 || rest !== "" || !first || !second) return null;
  const [a, b] = [value(first), value(second)];
  if (a === null || b === null) return null;
  if (a.axis !== null && b.axis !== null && a.axis === b.axis) return null;
  const lonFirst = a.axis === "lon" || b.axis === "lat";
  const stated = a.axis !== null || b.axis !== null;
  const straight = lonFirst ? { lon: a.degrees, lat: b.degrees } : { lat: a.degrees, lon: b.degrees };
  if (near(straight, bounds)) return straight;
  const turned = { lon: straight.lat, lat: straight.lon };
  return !stated && near(turned, bounds) ? turned : null;
}

function value([, before, whole, minutes, seconds, after]: RegExpMatchArray): {
  degrees: number;
  axis: "lat" | "lon" | null;
} | null {
  const [m, s] = [Number(minutes ?? 0), Number(seconds ?? 0)];
  if (whole === undefined || m >= 60 || s >= 60) return null;
  const letter = (before || after)?.toUpperCase();
  const size = Math.abs(Number(whole)) + m / 60 + s / 3600;
  const negative = whole.startsWith("-") !== (letter === "S" || letter === "W");
  const axis = letter === undefined ? null : letter === "N" || letter === "S" ? "lat" : "lon";
  return { degrees: negative ? -size : size, axis };
}
