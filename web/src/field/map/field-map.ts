/** The one place of the field app that talks to MapLibre. */
import {
  addProtocol,
  Map as MapLibre,
  setWorkerUrl,
  type GeoJSONSource,
  type MapMouseEvent,
  type MapTouchEvent,
} from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import { FileSource, PMTiles, Protocol } from "pmtiles";
import type { Fix } from "../core/position";
import { NEEDS, needOf, type Summary } from "../core/summary";
import type { Place } from "../fold/event";
import type { Lang } from "../words/locale.svelte";
import type { Pack } from "./pack";
import { pictures, PIXEL_RATIO } from "./signs";
import { BUILDINGS, circle, HOUSEHOLDS, MARKED, ME, style } from "./style";

export interface MapListener {
  household(id: string): void;
  /** A long press, or a tap on a building. */
  point(place: Place): void;
  moved(): void;
}

export interface MapOptions {
  container: HTMLElement;
  lang: Lang;
  label: string;
  pack: Pack | null;
  center: [lon: number, lat: number] | null;
  zoom: number;
  listener: MapListener;
}

const LONG_PRESS_MS = 600;
/** A finger is broad. */
const REACH_PX = 16;
/** Close enough to tell one roof from the next. */
const BUILDING_ZOOM = 16;
/** Phnom Penh, where nothing is known of an area. */
const ANYWHERE: [number, number] = [104.916, 11.56];

const tiles = new Protocol();
let worker: Promise<void> | null = null;

/**
 * Gets the map's worker ready. A worker from an address outside of `/field` is not served by the app's service worker and fails
 * without a network; one from memory belongs to the page.
 */
export function prepare(): Promise<void> {
  worker ??= fetch(workerUrl)
    .then((answer) => (answer.ok ? answer.blob() : Promise.reject(new Error("The map's worker is not here."))))
    .then((script) => {
      setWorkerUrl(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
      addProtocol("pmtiles", tiles.tile);
    })
    .catch((cause: unknown) => {
      worker = null;
      throw cause;
    });
  return worker;
}

export class FieldMap {
  readonly #map: MapLibre;
  readonly #listener: MapListener;
  readonly #loaded: Promise<void>;
  #press: ReturnType<typeof setTimeout> | null = null;

  constructor(options: MapOptions) {
    this.#listener = options.listener;
    const { pack } = options;
    if (pack) tiles.add(new PMTiles(new FileSource(pack.file)));
    const [west, south, east, north] = pack?.item.bounds ?? [0, 0, 0, 0];
    this.#map = new MapLibre({
      container: options.container,
      style: style(pack ? `pmtiles://${pack.file.name}` : null, options.lang),
      center: options.center ?? (pack ? [(west + east) / 2, (south + north) / 2] : ANYWHERE),
      zoom: options.zoom,
      minZoom: 7,
      maxZoom: 20,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
      locale: { "Map.Title": options.label },
    });
    this.#map.touchZoomRotate.disableRotation();
    this.#map.keyboard.disableRotation();
    for (const [id, image] of pictures()) this.#map.addImage(id, image, { pixelRatio: PIXEL_RATIO });
    this.#loaded = new Promise((done) => this.#map.once("load", () => done()));
    this.#map.on("click", (event) => this.#tapped(event));
    this.#map.on("contextmenu", (event) => this.#pressed(event));
    this.#map.on("touchstart", (event) => this.#touched(event));
    for (const end of ["touchend", "touchcancel", "touchmove", "movestart"] as const)
      this.#map.on(end, () => this.#release());
    this.#map.on("moveend", () => this.#listener.moved());
  }

  get center(): [number, number] {
    const { lng, lat } = this.#map.getCenter();
    return [lng, lat];
  }

  get zoom(): number {
    return this.#map.getZoom();
  }

  /** Whether the map has drawn everything that it knows. */
  whenLoaded(): Promise<void> {
    return this.#loaded;
  }

  async setHouseholds(summaries: readonly Summary[], today: string): Promise<void> {
    await this.#loaded;
    const features = summaries.flatMap((summary): GeoJSON.Feature[] => {
      if (summary.lon === null || summary.lat === null || summary.mergedInto !== null) return [];
      const need = needOf(summary, today);
      const properties = { id: summary.id, need, rank: -NEEDS.indexOf(need), atSite: summary.atSite };
      return [{ type: "Feature", properties, geometry: { type: "Point", coordinates: [summary.lon, summary.lat] } }];
    });
    features.sort((a, b) => Number(a.properties?.["rank"]) - Number(b.properties?.["rank"]));
    this.#set(HOUSEHOLDS, features);
  }

  async setMe(fix: Fix | null): Promise<void> {
    await this.#loaded;
    const at = (geometry: GeoJSON.Geometry): GeoJSON.Feature => ({ type: "Feature", properties: {}, geometry });
    this.#set(
      ME,
      fix ? [at(circle(fix.lon, fix.lat, fix.accuracy)), at({ type: "Point", coordinates: [fix.lon, fix.lat] })] : [],
    );
  }

  async setMarked(place: Place | null): Promise<void> {
    await this.#loaded;
    const geometry: GeoJSON.Point = { type: "Point", coordinates: [place?.lon ?? 0, place?.lat ?? 0] };
    this.#set(MARKED, place ? [{ type: "Feature", properties: {}, geometry }] : []);
  }

  look(lon: number, lat: number, zoom = Math.max(17, this.zoom)): void {
    this.#map.jumpTo({ center: [lon, lat], zoom });
  }

  zoomBy(steps: number): void {
    this.#map.zoomTo(this.zoom + steps, { duration: 150 });
  }

  /** Shows all places at once. */
  showAll(places: readonly { lon: number | null; lat: number | null }[]): void {
    const known = places.filter(
      (place): place is { lon: number; lat: number } => place.lon !== null && place.lat !== null,
    );
    if (known.length === 0) return;
    const [lons, lats] = [known.map(({ lon }) => lon), known.map(({ lat }) => lat)];
    const bounds: [number, number, number, number] = [
      Math.min(...lons),
      Math.min(...lats),
      Math.max(...lons),
      Math.max(...lats),
    ];
    this.#map.fitBounds(bounds, { padding: 48, maxZoom: 17, duration: 0 });
  }

  remove(): void {
    this.#release();
    this.#map.remove();
  }

  #set(source: string, features: GeoJSON.Feature[]): void {
    this.#map.getSource<GeoJSONSource>(source)?.setData({ type: "FeatureCollection", features });
  }

  #tapped({ point }: MapMouseEvent): void {
    const near: [[number, number], [number, number]] = [
      [point.x - REACH_PX, point.y - REACH_PX],
      [point.x + REACH_PX, point.y + REACH_PX],
    ];
    const [household] = this.#map.queryRenderedFeatures(near, { layers: [HOUSEHOLDS] });
    if (household) {
      this.#listener.household(String(household.properties["id"]));
      return;
    }
    if (this.zoom < BUILDING_ZOOM || !this.#map.getLayer(BUILDINGS)) return;
    const [building] = this.#map.queryRenderedFeatures(point, { layers: [BUILDINGS] });
    if (building) this.#mark(this.#map.unproject(point));
  }

  #pressed({ lngLat, originalEvent }: MapMouseEvent): void {
    originalEvent.preventDefault();
    this.#release();
    this.#mark(lngLat);
  }

  #touched({ lngLat, originalEvent }: MapTouchEvent): void {
    this.#release();
    if (originalEvent.touches.length !== 1) return;
    this.#press = setTimeout(() => this.#mark(lngLat), LONG_PRESS_MS);
  }

  #release(): void {
    if (this.#press !== null) clearTimeout(this.#press);
    this.#press = null;
  }

  #mark({ lng, lat }: { lng: number; lat: number }): void {
    this.#press = null;
    const round = (degrees: number) => Number(degrees.toFixed(7));
    this.#listener.point({ lon: round(lng), lat: round(lat), method: "map" });
  }
}
