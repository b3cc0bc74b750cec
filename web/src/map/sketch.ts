/**
 * The tool with which a plot is drawn on the map. It knows corners and gestures; what the plot means, and typed
 * corners, are its owner's.
 */
import type { Map as MapLibre, MapMouseEvent, MapTouchEvent } from "maplibre-gl";
import { polygonOf, settled, type Corner } from "./ring";

export interface SketchOwner {
  /** The corners as they are, and whether the plot is closed. */
  corners(): readonly Corner[];
  closed(): boolean;
  /** A click added a corner. */
  add(corner: Corner): void;
  /** The plot was closed by a double click or on its first corner. */
  close(): void;
  /** A corner is put between the one at `after` and the next, and is then dragged. */
  insert(after: number, corner: Corner): void;
  move(n: number, corner: Corner): void;
  /** A drag has ended. */
  moved(): void;
  /** Where the next corner would be, while the pointer moves. */
  hover(corner: Corner | null): void;
}

/** A finger is less exact than a mouse. */
const REACH_PX = { mouse: 10, touch: 24 };
/** Two clicks at one place are the two of a double click. */
const SAME_PX = 4;

export class Sketch {
  #map: MapLibre;
  #owner: SketchOwner;
  #giveBack: () => void;
  #dragged: number | null = null;
  /** The end of a drag comes with a click that must add nothing. */
  #wasDragged = false;

  constructor(map: MapLibre, giveBack: () => void, owner: SketchOwner) {
    this.#map = map;
    this.#owner = owner;
    this.#giveBack = giveBack;
    map.doubleClickZoom.disable();
    map.on("click", this.#click);
    map.on("dblclick", this.#doubleClick);
    map.on("mousemove", this.#hover);
    map.on("mouseout", this.#out);
    map.on("mousedown", this.#press);
    map.on("touchstart", this.#press);
    map.on("mousemove", this.#drag);
    map.on("touchmove", this.#drag);
    map.on("mouseup", this.#release);
    map.on("touchend", this.#release);
    map.getCanvas().style.cursor = "crosshair";
  }

  leave(): void {
    const map = this.#map;
    map.off("click", this.#click);
    map.off("dblclick", this.#doubleClick);
    map.off("mousemove", this.#hover);
    map.off("mouseout", this.#out);
    map.off("mousedown", this.#press);
    map.off("touchstart", this.#press);
    map.off("mousemove", this.#drag);
    map.off("touchmove", this.#drag);
    map.off("mouseup", this.#release);
    map.off("touchend", this.#release);
    map.doubleClickZoom.enable();
    map.dragPan.enable();
    map.getCanvas().style.cursor = "";
    this.#giveBack();
  }

  get middle(): Corner {
    const { lng, lat } = this.#map.getCenter();
    return settled([lng, lat]);
  }

  #click = (event: MapMouseEvent) => {
    if (this.#wasDragged) {
      this.#wasDragged = false;
      return;
    }
    const owner = this.#owner;
    if (owner.closed()) return;
    const corners = owner.corners();
    if (corners.length >= 3 && this.#near(event, corners.slice(0, 1), REACH_PX.mouse) === 0) owner.close();
    else if (this.#near(event, corners.slice(-1), SAME_PX) === null) owner.add(at(event));
  };

  #doubleClick = (event: MapMouseEvent) => {
    event.preventDefault();
    if (!this.#owner.closed()) this.#owner.close();
  };

  #hover = (event: MapMouseEvent) => {
    if (!this.#owner.closed()) this.#owner.hover(at(event));
    else if (this.#dragged === null) {
      const handle = this.#handle(event, REACH_PX.mouse);
      this.#map.getCanvas().style.cursor = handle === null ? "" : "grab";
    }
  };

  #out = () => this.#owner.hover(null);

  #press = (event: MapMouseEvent | MapTouchEvent) => {
    const touch = event.type === "touchstart";
    if (touch && (event as MapTouchEvent).points.length !== 1) return;
    const handle = this.#handle(event, touch ? REACH_PX.touch : REACH_PX.mouse);
    if (handle === null) return;
    // The map must not move along with the corner.
    event.preventDefault();
    this.#map.dragPan.disable();
    if (handle.middle) this.#owner.insert(handle.n, at(event));
    this.#dragged = handle.middle ? handle.n + 1 : handle.n;
    this.#wasDragged = false;
  };

  #drag = (event: MapMouseEvent | MapTouchEvent) => {
    if (this.#dragged === null) return;
    event.preventDefault();
    this.#wasDragged = true;
    this.#owner.move(this.#dragged, at(event));
  };

  #release = () => {
    if (this.#dragged === null) return;
    this.#dragged = null;
    this.#map.dragPan.enable();
    this.#owner.moved();
  };

  /** The corner under the pointer or, of a closed plot, the middle of an edge. */
  #handle(event: MapMouseEvent | MapTouchEvent, reach: number): { n: number; middle: boolean } | null {
    const corners = this.#owner.corners();
    if (!this.#owner.closed()) return null;
    const corner = this.#near(event, corners, reach);
    if (corner !== null) return { n: corner, middle: false };
    const middle = this.#near(event, middles(corners), reach);
    return middle === null ? null : { n: middle, middle: true };
  }

  #near({ point }: MapMouseEvent | MapTouchEvent, corners: readonly Corner[], reach: number): number | null {
    let nearest: number | null = null;
    let least = reach;
    corners.forEach((corner, n) => {
      const drawn = this.#map.project(corner);
      const distance = Math.hypot(drawn.x - point.x, drawn.y - point.y);
      if (distance <= least) [nearest, least] = [n, distance];
    });
    return nearest;
  }
}

function at({ lngLat }: MapMouseEvent | MapTouchEvent): Corner {
  return settled([lngLat.lng, lngLat.lat]);
}

/** The middle of each edge of a closed ring. */
export function middles(corners: readonly Corner[]): Corner[] {
  return corners.map(([x, y], n) => {
    const [nextX, nextY] = corners[(n + 1) % corners.length] ?? [x, y];
    return [(x + nextX) / 2, (y + nextY) / 2];
  });
}

/** The plot as the map draws it. */
export function sketched(
  corners: readonly Corner[],
  {
    closed,
    hover,
    active,
    holes,
  }: { closed: boolean; hover: Corner | null; active: number | null; holes: readonly (readonly Corner[])[] },
): GeoJSON.Feature[] {
  const feature = (part: string, geometry: GeoJSON.Geometry, properties: object = {}): GeoJSON.Feature => ({
    type: "Feature",
    properties: { part, ...properties },
    geometry,
  });
  const [first] = corners;
  if (!first) return [];
  const line = closed ? [] : [...corners, ...(hover ? [hover] : [])];
  return [
    ...(closed ? [feature("plot", polygonOf([corners, ...holes]))] : []),
    ...(line.length > 1 ? [feature("open", { type: "LineString", coordinates: line })] : []),
    ...(closed ? middles(corners) : []).map((corner) => feature("middle", { type: "Point", coordinates: corner })),
    ...corners.map((corner, n) => feature("corner", { type: "Point", coordinates: corner }, { active: n === active })),
  ];
}
