/** Measures lengths and areas on the map by clicks. */
import type { Map as MapLibre, MapMouseEvent } from "maplibre-gl";

export type Spot = [lon: number, lat: number];

const EARTH_M = 6_371_008.8;
const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** Length of a line on the sphere in metres; within half a per cent of the ellipsoid. */
export function lengthOf(spots: readonly Spot[]): number {
  return spots.slice(1).reduce((sum, spot, n) => sum + between(spots[n] ?? spot, spot), 0);
}

function between([lonA, latA]: Spot, [lonB, latB]: Spot): number {
  const [a, b] = [radians(latA), radians(latB)];
  const haversine = Math.sin((b - a) / 2) ** 2 + Math.cos(a) * Math.cos(b) * Math.sin(radians(lonB - lonA) / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(haversine)));
}

/** A click this near to the first spot, in pixels, closes the shape. */
const CLOSE_PX = 12;

export class Measure {
  #spots: Spot[] = [];
  #closed = false;

  constructor(
    private readonly map: MapLibre,
    private readonly giveBack: () => void,
    private readonly tell: (spots: readonly Spot[], closed: boolean) => void,
  ) {
    map.on("click", this.#click);
    map.getCanvas().style.cursor = "crosshair";
    map.doubleClickZoom.disable();
  }

  leave(): void {
    this.map.off("click", this.#click);
    this.map.getCanvas().style.cursor = "";
    this.map.doubleClickZoom.enable();
    this.giveBack();
    this.tell([], false);
  }

  #click = ({ point, lngLat }: MapMouseEvent) => {
    if (this.#closed) [this.#spots, this.#closed] = [[], false];
    const [first] = this.#spots;
    const drawn = first && this.map.project(first);
    if (drawn && this.#spots.length >= 3 && Math.hypot(drawn.x - point.x, drawn.y - point.y) <= CLOSE_PX)
      this.#closed = true;
    else this.#spots = [...this.#spots, [lngLat.lng, lngLat.lat]];
    this.tell(this.#spots, this.#closed);
  };
}

/** What was clicked, as the map draws it. */
export function measured(spots: readonly Spot[], closed: boolean): GeoJSON.Feature[] {
  const feature = (geometry: GeoJSON.Geometry): GeoJSON.Feature => ({ type: "Feature", properties: {}, geometry });
  const [first] = spots;
  const line = closed && first ? [...spots, first] : [...spots];
  return [
    ...(closed ? [feature({ type: "Polygon", coordinates: [line] })] : []),
    ...(line.length > 1 ? [feature({ type: "LineString", coordinates: line })] : []),
    ...spots.map((spot) => feature({ type: "Point", coordinates: spot })),
  ];
}
