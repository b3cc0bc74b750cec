/**
 * Place names, each once. Labels set on tiled polygons repeat in every tile that a polygon touches, so the boundaries are
 * read once at a small scale and every place gets a single point in the middle of its largest part.
 */
import { VectorTile } from "@mapbox/vector-tile";
import { PbfReader } from "pbf";
import type { Bounds, Layer, Text } from "../api/types";

export interface PlaceLabel extends Text {
  code: string;
  level: string;
  lon: number;
  lat: number;
}

/** Few tiles, yet fine enough to put a name in the middle of a sangkat. */
const MOST_TILES = 12;
const FINEST = 11;

export async function placeLabels(layer: Layer, bounds: Bounds): Promise<PlaceLabel[]> {
  const best = new Map<string, PlaceLabel & { area: number }>();
  const tiles = await Promise.all(tilesOver(bounds, layer).map((tile) => readTile(layer, tile)));
  for (const part of tiles.flat()) {
    const known = best.get(part.code);
    if (!known || part.area > known.area) best.set(part.code, part);
  }
  return [...best.values()].map(({ code, level, en, km, lon, lat }) => ({ code, level, en, km, lon, lat }));
}

type TileId = { z: number; x: number; y: number };

export function tilesOver([west, south, east, north]: Bounds, zooms: { min_zoom: number; max_zoom: number }): TileId[] {
  for (let z = Math.max(zooms.min_zoom, Math.min(zooms.max_zoom, FINEST)); ; z -= 1) {
    const [left, top] = tileAt(west, north, z);
    const [right, bottom] = tileAt(east, south, z);
    if ((right - left + 1) * (bottom - top + 1) > MOST_TILES && z > zooms.min_zoom) continue;
    const tiles: TileId[] = [];
    for (let x = left; x <= right; x += 1) for (let y = top; y <= bottom; y += 1) tiles.push({ z, x, y });
    return tiles;
  }
}

function tileAt(lon: number, lat: number, z: number): [number, number] {
  const size = 2 ** z;
  const sin = Math.sin((lat * Math.PI) / 180);
  const x = (lon + 180) / 360;
  const y = 0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI);
  const clamp = (value: number) => Math.min(size - 1, Math.max(0, Math.floor(value * size)));
  return [clamp(x), clamp(y)];
}

async function readTile({ name, hash }: Layer, { z, x, y }: TileId): Promise<(PlaceLabel & { area: number })[]> {
  const response = await fetch(`/tiles/${encodeURIComponent(name)}/${z}/${x}/${y}?v=${encodeURIComponent(hash)}`);
  // An empty tile is an answer; a failed one costs a few names, not the map.
  if (response.status !== 200) return [];
  const layer = new VectorTile(new PbfReader(await response.arrayBuffer())).layers[name];
  if (!layer) return [];
  const parts: (PlaceLabel & { area: number })[] = [];
  for (let n = 0; n < layer.length; n += 1) {
    const feature = layer.feature(n);
    const { code, level, name: en, name_km: km } = feature.properties;
    if (code === undefined || (en === undefined && km === undefined)) continue;
    const middle = largestMiddle(feature.loadGeometry());
    if (!middle) continue;
    parts.push({
      code: String(code),
      level: String(level ?? levelOf(String(code))),
      en: String(en ?? km),
      km: String(km ?? en),
      ...degrees(middle.x, middle.y, layer.extent, { z, x, y }),
      // Tiles of one zoom are compared with each other only.
      area: middle.area,
    });
  }
  return parts;
}

/** Administrative codes say their level by their length. */
export function levelOf(code: string): string {
  return code.length <= 2 ? "province" : code.length <= 4 ? "khan" : code.length <= 6 ? "sangkat" : "village";
}

/** The centroid of the ring with the largest area or, where a bent shape leaves that outside, a point of the ring beside it. */
export function largestMiddle(rings: { x: number; y: number }[][]): { x: number; y: number; area: number } | null {
  let largest: { x: number; y: number; area: number } | null = null;
  for (const ring of rings) {
    let twice = 0;
    let sumX = 0;
    let sumY = 0;
    ring.forEach((a, i) => {
      const b = ring[(i + 1) % ring.length] ?? a;
      const cross = a.x * b.y - b.x * a.y;
      twice += cross;
      sumX += (a.x + b.x) * cross;
      sumY += (a.y + b.y) * cross;
    });
    const area = Math.abs(twice) / 2;
    if (area > (largest?.area ?? 0)) {
      const y = sumY / (3 * twice);
      largest = { x: insideAt(ring, sumX / (3 * twice), y), y, area };
    }
  }
  return largest;
}

/** An x at this height inside a ring: the given one, or the middle of the widest part. */
function insideAt(ring: { x: number; y: number }[], x: number, y: number): number {
  const crossings = ring.flatMap((a, i) => {
    const b = ring[(i + 1) % ring.length] ?? a;
    return a.y > y === b.y > y ? [] : [a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x)];
  });
  crossings.sort((a, b) => a - b);
  let widest = { width: 0, middle: x };
  for (let n = 0; n + 1 < crossings.length; n += 2) {
    const [from = x, to = x] = [crossings[n], crossings[n + 1]];
    if (from <= x && x <= to) return x;
    if (to - from > widest.width) widest = { width: to - from, middle: (from + to) / 2 };
  }
  return widest.middle;
}

function degrees(x: number, y: number, extent: number, tile: TileId): { lon: number; lat: number } {
  const size = 2 ** tile.z;
  const lon = ((tile.x + x / extent) / size) * 360 - 180;
  const lat = (Math.atan(Math.sinh(Math.PI * (1 - (2 * (tile.y + y / extent)) / size))) * 180) / Math.PI;
  return { lon, lat };
}
