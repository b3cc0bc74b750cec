/** The one place that talks to MapLibre. Everything else says what it wants to see, in the words of the domain. */
import {
  Map as MapLibre,
  setWorkerUrl,
  type ExpressionSpecification,
  type GeoJSONSource,
  type MapMouseEvent,
  type VectorTileSource,
} from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import { UNAUTHORISED } from "../api/client";
import type { Bounds, Layer, Matrix } from "../api/types";
import type { Lang } from "../i18n/locale.svelte";
import { around, fitHome, fitPoints, opening, type Place } from "./camera";
import { SiteDots, SHAPES_FROM, type Dots } from "./dots";
import { CHANGES, changeImages, changeLayer, shapeOf, sizeOf, type Sign } from "./changes";
import { copied, hidden, pictureOf, type Picture } from "./picture";
import { Restated } from "./restated";
import { PIXEL_RATIO, pictures } from "./icons";
import { placeLabels } from "./labels";
import { Opacities } from "./opacity";
import type { Overlay } from "./overlays";
import { above, sourceOf } from "./roles";
import {
  BEST,
  CHOSEN,
  CHOSEN_LAYER,
  SITES,
  WEIGHTS,
  siteLayers,
  unseenPin,
  weightState,
  type Scoring,
  type Weighting,
} from "./sites";
import type { MapOptions, Pin, View } from "./options";
export type { Pin, View } from "./options";
import { labelFields, PLACES, SITES_SLOT } from "./style";

/** What a pointer may be beside the line or the sign that it means. */
const REACH_PX = 8;
/** Close enough to see a site's shape and its streets. */
const SITE_ZOOM = 15;
/** What marks sites with numbers on the screen: paper has numbers of its own. */
const PINS: readonly string[] = [BEST, CHOSEN];
type State = "pointed" | "chosen";

export class PlannerMap {
  #map: MapLibre;
  #options: MapOptions;
  #loaded: Promise<void>;
  #marked: Record<State, number | null> = { pointed: null, chosen: null };
  #ranking: string | null = null;
  #opacities = new Opacities();
  #handed = false;
  /** What is seen from home: the city and all of its sites. */
  #home: Bounds;
  /** Nobody has moved the map since it opened on its home. */
  #opening: boolean;
  #restated = new Restated();
  #dots = new SiteDots(() => this.#options.listener.ranked());

  constructor(options: MapOptions) {
    this.#options = options;
    setWorkerUrl(workerUrl);
    this.#home = options.city;
    this.#opening = !options.view;
    this.#map = new MapLibre(opening(options));
    this.cover(options.covered);
    if (this.#opening) this.#fitHome(0);
    this.#map.touchZoomRotate.disableRotation();
    this.#map.keyboard.disableRotation();
    for (const [id, image] of pictures()) this.#map.addImage(id, image, { pixelRatio: PIXEL_RATIO });
    // Before there is anything to draw: the graphics card takes its time to understand how.
    this.#map.once("style.load", () => {
      this.#map.addLayer(this.#dots, SITES_SLOT);
      const { lng, lat } = this.#map.getCenter();
      this.#map.getSource<GeoJSONSource>(BEST)?.setData(unseenPin(lng, lat));
    });
    this.#loaded = new Promise((resolve) => this.#map.once("style.load", () => resolve()));
    this.#listen();
    void this.#name();
  }

  #listen(): void {
    const { listener } = this.#options;
    this.#map.on("error", (event) => {
      const { sourceId, error } = event as unknown as { sourceId?: string; error: Error & { status?: number } };
      // What failed is not loading any more, and the map does not say so by itself.
      this.#map.triggerRepaint();
      if (error.status === UNAUTHORISED) listener.signedOut();
      else if (sourceId === SITES && error.status === 404) listener.lost();
      else console.error(error);
    });
    const busy = () => listener.idle(false);
    this.#map.on("idle", () => listener.idle(true));
    for (const event of ["dataloading", "movestart", "zoomstart"] as const) this.#map.on(event, busy);
    this.#map.on("movestart", (event) => {
      if (event.originalEvent) this.#opening = false;
    });
    // Where the map opens by itself is no view that a link has to keep.
    this.#map.on("moveend", () => !this.#opening && listener.moved(this.view));
    const scaled = () => listener.scaled(this.#metresPerPixel());
    this.#map.on("move", scaled);
    this.#map.once("load", scaled);
    this.#map.on("click", (event) => !this.#handed && this.#clicked(event));
    this.#map.on("mousemove", (event) => {
      const { point, lngLat } = event;
      listener.hovered({ x: point.x, y: point.y, lon: lngLat.lng, lat: lngLat.lat });
      if (!this.#handed) listener.pointed(this.#siteAt(event));
    });
    this.#map.on("mouseout", () => {
      listener.pointed(null);
      listener.hovered(null);
    });
  }

  /** A click means what is drawn on top: a sign above the sites, else a site, else whatever lies there. */
  #clicked(event: MapMouseEvent): void {
    const { listener } = this.#options;
    const site = this.#signAt(event) ? null : this.#siteAt(event);
    listener.chosen(site);
    if (site === null) listener.asked(event.lngLat.lng, event.lngLat.lat, REACH_PX * this.#metresPerPixel());
  }

  /** Whether a service or a settlement, which are drawn above the sites, is under the pointer. */
  #signAt({ point }: MapMouseEvent): boolean {
    const signs = this.#options.layers.filter(({ role }) => above.includes(role)).map(sourceOf);
    const among = this.#map.getLayersOrder().filter((id) => signs.includes(this.#map.getLayer(id)?.source ?? ""));
    return among.length > 0 && this.#map.queryRenderedFeatures(point, { layers: among }).length > 0;
  }

  #metresPerPixel(): number {
    const middle = this.#map.project(this.#map.getCenter());
    const [a, b] = [this.#map.unproject([middle.x - 50, middle.y]), this.#map.unproject([middle.x + 50, middle.y])];
    return a.distanceTo(b) / 100;
  }

  /** What comes next may change nothing at all: a frame is asked for, so that the map says when it is idle again. */
  #willDraw(): void {
    this.#options.listener.idle(false);
    this.#map.triggerRepaint();
  }

  /** The site under the pointer; a few pixels around it count too, since sites seen from afar are tiny. */
  #siteAt({ point }: MapMouseEvent): number | null {
    const among = [CHANGES, "best-sites", "sites-fill", "sites-excluded"].filter((id) => this.#map.getLayer(id));
    if (among.length === 0 || this.#ranking === null) return null;
    const hit = (reach: number) =>
      this.#map.queryRenderedFeatures(
        [
          [point.x - reach, point.y - reach],
          [point.x + reach, point.y + reach],
        ],
        { layers: among },
      )[0];
    const dot = (reach: number) => {
      if (!this.#dots.visibleAt(this.#map.getZoom(), this.#map.isSourceLoaded(SITES))) return null;
      const { lng, lat } = this.#map.unproject(point);
      return this.#dots.at(lng, lat, this.#map.getZoom(), reach);
    };
    const feature = (reach: number) => {
      const found = hit(reach);
      const i: unknown = found?.properties?.["i"] ?? found?.id;
      return typeof i === "number" ? i : null;
    };
    const i = feature(0) ?? dot(0) ?? feature(5) ?? dot(5);
    this.#map.getCanvas().style.cursor = i === null ? "" : "pointer";
    return i;
  }

  async #name(): Promise<void> {
    const { layers, bounds } = this.#options;
    const boundaries = layers.filter((layer) => layer.role === "boundaries" && layer.kind === "vector");
    const labels = (await Promise.all(boundaries.map((layer) => placeLabels(layer, bounds)))).flat();
    await this.#loaded;
    this.#points(
      PLACES,
      labels.map(({ lon, lat, ...properties }) => ({ lon, lat, properties })),
    );
  }

  #points(source: string, points: { lon: number; lat: number; properties: object; id?: number }[]): void {
    this.#map.getSource<GeoJSONSource>(source)?.setData({
      type: "FeatureCollection",
      features: points.map(({ lon, lat, properties, id }) => ({
        type: "Feature",
        ...(id === undefined ? {} : { id }),
        properties: { ...properties },
        geometry: { type: "Point", coordinates: [lon, lat] },
      })),
    });
  }

  get view(): View {
    const { lng, lat } = this.#map.getCenter();
    return { lon: lng, lat, zoom: this.#map.getZoom() };
  }

  /** Draws the sites of a ranking. Another weighting of the same sites needs only {@link paint}. */
  async showRanking(ranking: string, scoring: Scoring, weighting: Weighting): Promise<void> {
    await this.#loaded;
    if (this.#ranking === ranking) return;
    this.#willDraw();
    const layers = siteLayers(scoring);
    const first = this.#ranking === null;
    this.#ranking = ranking;
    this.#map.setGlobalStateProperty(WEIGHTS, weightState(weighting));
    const tiles = `${location.origin}/tiles/${SITES}/{z}/{x}/{y}?ranking=${encodeURIComponent(ranking)}`;
    if (first) {
      const { bounds } = this.#options;
      this.#map.addSource(SITES, { type: "vector", tiles: [tiles], minzoom: SHAPES_FROM, maxzoom: 16, bounds });
      for (const layer of layers) this.#map.addLayer(layer, SITES_SLOT);
    } else {
      // The sites stay on the map until the tiles of the new ranking take their place.
      this.#map.getSource<VectorTileSource>(SITES)?.setTiles([tiles]);
      for (const { id, paint } of layers) {
        for (const property of ["fill-color", "line-color"] as const) {
          const colour = (paint as Record<string, ExpressionSpecification> | undefined)?.[property];
          if (colour !== undefined) this.#map.setPaintProperty(id, property, colour);
        }
      }
    }
    for (const state of ["pointed", "chosen"] as const) this.#mark(state, this.#marked[state]);
  }

  /** Draws the sites as dots, which they are from afar: in this order, the best on top, and in the colours of these stops. */
  async showDots(dots: Dots): Promise<void> {
    await this.#loaded;
    this.#willDraw();
    this.#dots.show(dots);
  }

  /** Colours shapes by these scores while the tiles still hold values of before an edit; null once they do not. */
  async restate(scores: ArrayLike<number> | null, sites: Matrix["sites"]): Promise<void> {
    await this.#loaded;
    if (this.#ranking === null || this.#map.getZoom() < SHAPES_FROM) return;
    this.#restated.take(this.#map, scores, sites, () => {
      for (const state of ["pointed", "chosen"] as const) this.#mark(state, this.#marked[state]);
    });
  }

  /** Asks for the tiles of the sites again. */
  reloadSites(): void {
    if (this.#map.getSource(SITES)) this.#map.refreshTiles(SITES);
  }

  async paint(weighting: Weighting): Promise<void> {
    await this.#loaded;
    if (this.#ranking === null) return;
    this.#willDraw();
    this.#map.setGlobalStateProperty(WEIGHTS, weightState(weighting));
  }

  async showBest(pins: Pin[]): Promise<void> {
    await this.#loaded;
    this.#points(
      BEST,
      pins.map(({ i, lon, lat, rank, label }) => ({ lon, lat, id: i, properties: { i, rank, label } })),
    );
  }

  /** Signs for sites whose rank differs between two scenarios; null takes them away. */
  async showChanges(signs: Sign[] | null): Promise<void> {
    await this.#loaded;
    if (!this.#map.getSource(CHANGES)) {
      if (!signs) return;
      for (const [id, image] of changeImages()) this.#map.addImage(id, image, { pixelRatio: PIXEL_RATIO });
      this.#map.addSource(CHANGES, { type: "geojson", data: { type: "FeatureCollection", features: [] } });
      this.#map.addLayer(changeLayer(), CHOSEN_LAYER);
    }
    this.#willDraw();
    this.#points(
      CHANGES,
      (signs ?? []).map((sign) => ({
        lon: sign.lon,
        lat: sign.lat,
        id: sign.i,
        properties: { i: sign.i, shape: shapeOf(sign), size: sizeOf(sign) },
      })),
    );
  }

  point(i: number | null): void {
    this.#mark("pointed", i);
  }

  async choose(pin: Pin | null): Promise<void> {
    await this.#loaded;
    this.#mark("chosen", pin?.i ?? null);
    this.#points(CHOSEN, pin ? [{ lon: pin.lon, lat: pin.lat, properties: { label: pin.label } }] : []);
  }

  #mark(state: State, i: number | null): void {
    const feature = (id: number) => ({ source: SITES, sourceLayer: SITES, id });
    const before = this.#marked[state];
    this.#marked[state] = i;
    if (this.#dots.mark(state, i)) this.#map.triggerRepaint();
    if (this.#ranking === null) return;
    if (before !== null && before !== i) this.#map.setFeatureState(feature(before), { [state]: false });
    if (i !== null) this.#map.setFeatureState(feature(i), { [state]: true });
  }

  async showLayer(layer: Layer, visible: boolean, opacity: number): Promise<void> {
    await this.#loaded;
    this.#show(sourceOf(layer), visible, opacity);
  }

  #show(source: string, visible: boolean, opacity: number): void {
    this.#opacities.show(this.#map, source, visible, opacity);
  }

  async showSites(visible: boolean, opacity: number): Promise<void> {
    await this.#loaded;
    this.#show(SITES, visible, opacity);
    this.#dots.opacity = visible ? opacity : 0;
    this.#map.triggerRepaint();
    for (const pins of [BEST, CHOSEN]) this.#show(pins, visible, 1);
  }

  async speak(lang: Lang): Promise<void> {
    await this.#loaded;
    for (const [id, field] of labelFields(this.#options.layers, lang)) {
      if (this.#map.getLayer(id)) this.#map.setLayoutProperty(id, "text-field", field);
    }
  }

  /** Draws features over everything else, in place of what this overlay showed before. */
  async show(name: Overlay, features: GeoJSON.Feature[]): Promise<void> {
    const [{ overlayLayers, overlayOrder, overlaySource }] = await Promise.all([import("./overlays"), this.#loaded]);
    const data: GeoJSON.FeatureCollection = { type: "FeatureCollection", features };
    const source = this.#map.getSource<GeoJSONSource>(overlaySource(name));
    if (source) {
      source.setData(data);
    } else if (features.length > 0) {
      this.#map.addSource(overlaySource(name), { type: "geojson", data });
      const above = overlayOrder
        .slice(overlayOrder.indexOf(name) + 1)
        .flatMap((other) => overlayLayers(other).map(({ id }) => id))
        .find((id) => this.#map.getLayer(id));
      for (const layer of overlayLayers(name)) this.#map.addLayer(layer, above);
    }
  }

  /** Hands the map to a tool, whose clicks choose no site until it gives the map back. */
  async handTo<T>(tool: (map: MapLibre, giveBack: () => void) => T): Promise<T> {
    await this.#loaded;
    this.#handed = true;
    return tool(this.#map, () => (this.#handed = false));
  }

  zoomBy(steps: number): void {
    this.#opening = false;
    this.#map.zoomTo(this.#map.getZoom() + steps, this.#motion());
  }

  /** Where home is, now that the sites are known. A map that still shows the home of before goes there at once. */
  settle(places: Iterable<Place>): void {
    this.#home = around(this.#options.city, places);
    if (this.#opening) this.#fitHome(0);
  }

  showCity(): void {
    this.#opening = false;
    this.#fitHome(this.#motion().duration);
  }

  /** All of home, where neither the legend nor the sheet lies over it. */
  #fitHome(duration: number): void {
    fitHome(this.#map, this.#home, this.#options.covers(), duration);
  }

  /** Moves until all of these points can be seen. */
  fit(points: Place[]): void {
    if (points.length > 0) this.#opening = false;
    fitPoints(this.#map, points, SITE_ZOOM + 1, this.#motion());
  }

  goTo(lon: number, lat: number, zoom = SITE_ZOOM): void {
    this.#opening = false;
    const center: [number, number] = [lon, lat];
    this.#map.easeTo({ center, zoom: Math.max(zoom, this.#map.getZoom()), ...this.#motion() });
  }

  /** Shows exactly what a link asks for. */
  look({ lon, lat, zoom }: View): void {
    this.#opening = false;
    this.#map.jumpTo({ center: [lon, lat], zoom });
  }

  /** Brings a site into view, moving no more than needed. */
  async reveal(lon: number, lat: number): Promise<void> {
    await this.#loaded;
    if (this.#map.getBounds().contains([lon, lat])) return;
    this.#opening = false;
    this.#map.panTo([lon, lat], this.#motion());
  }

  /**
   * The map of these places as a picture of this size for paper, sharp enough to print. The map is drawn in that size
   * meanwhile and is afterwards as it was. The ways of the one open site are drawn `withWays` only; pins are left to the paper.
   */
  async picture(
    width: number,
    height: number,
    places: { lon: number; lat: number }[],
    withWays: boolean,
  ): Promise<Picture> {
    const [{ overlaySource }] = await Promise.all([import("./overlays"), this.#loaded]);
    const show = hidden(this.#map, [...PINS, ...(withWays ? [] : [overlaySource("routes")])]);
    return pictureOf(this.#map, width, height, places, SITE_ZOOM).finally(show);
  }

  /** The map as it is now, without pins, for print: a map that is printed directly comes out blank. */
  present(): Picture {
    const show = hidden(this.#map, PINS);
    try {
      return copied(this.#map);
    } finally {
      show();
    }
  }

  /** Room at the bottom that the sheet of a phone covers, in pixels. */
  cover(bottom: number): void {
    this.#map.setPadding({ top: 0, left: 0, right: 0, bottom });
  }

  remove(): void {
    this.#map.remove();
  }

  #motion(): { duration: number } {
    return { duration: this.#options.still ? 0 : 500 };
  }
}
