/** Where the map looks: at its home, and at points that have to be seen at once. */
import { LngLatBounds, type Map as MapLibre, type MapOptions as MapLibreOptions } from "maplibre-gl";
import type { Bounds } from "../api/types";
import { freeRoom, type Box } from "./free-room";
import { worldX, worldY } from "./mercator";
import type { MapOptions } from "./options";
import { WEIGHTS } from "./sites";
import { mapStyle } from "./style";

/** What lies at the edge of the home is drawn this far from whatever covers the map. */
const EDGE_PX = 20;

export type Place = [lon: number, lat: number];

/** All of an area with these places. */
export function around(area: Bounds, places: Iterable<Place>): Bounds {
  const all = new LngLatBounds(area);
  for (const place of places) all.extend(place);
  return [all.getWest(), all.getSouth(), all.getEast(), all.getNorth()];
}

/** The city may be pushed about, but not lost. Wide enough that all of it fits beside what covers most of a phone's map. */
function widened([west, south, east, north]: Bounds): LngLatBounds {
  const [dx, dy] = [2 * (east - west), 2 * (north - south)];
  return new LngLatBounds([west - dx, south - dy, east + dx, north + dy]);
}

/** How the map opens: where a link asks for, else over the middle of the city. */
export function opening(options: MapOptions): MapLibreOptions {
  const { view, bounds, city } = options;
  return {
    container: options.container,
    style: mapStyle(options.layers, options.lang, bounds),
    center: [view?.lon ?? (city[0] + city[2]) / 2, view?.lat ?? (city[1] + city[3]) / 2],
    zoom: view?.zoom ?? 10,
    maxBounds: widened(bounds),
    minZoom: 6.5,
    maxZoom: 19,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: options.still ? 0 : 150,
    globalState: { [WEIGHTS]: [0, 1] },
    locale: { "Map.Title": options.label },
  };
}

/** Shows all of home, where nothing lies over it. */
export function fitHome(map: MapLibre, home: Bounds, covers: readonly Box[], duration: number): void {
  const [west, south, east, north] = home;
  const proportion = (worldX(east) - worldX(west)) / (worldY(south) - worldY(north));
  const all = map.getContainer().getBoundingClientRect();
  const room = freeRoom(all, covers, proportion) ?? all;
  const padding = {
    left: room.left - all.left + EDGE_PX,
    top: room.top - all.top + EDGE_PX,
    right: all.right - room.right + EDGE_PX,
    bottom: Math.max(0, all.bottom - room.bottom - (map.getPadding().bottom ?? 0)) + EDGE_PX,
  };
  map.fitBounds(home, { padding, duration });
}

/** Moves until all of these points can be seen. */
export function fitPoints(
  map: MapLibre,
  points: readonly Place[],
  maxZoom: number,
  motion: { duration: number },
): void {
  const [first] = points;
  if (!first) return;
  // Whatever asked for it may just have taken room from the map.
  map.resize();
  const bounds = points.reduce((all, point) => all.extend(point), new LngLatBounds(first, first));
  // The legend lies over the left of a wide map.
  const left = map.getContainer().clientWidth > 600 ? 240 : 48;
  map.fitBounds(bounds, { padding: { top: 56, right: 64, bottom: 56, left }, maxZoom, ...motion });
}
