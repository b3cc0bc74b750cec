/** The map as a picture for paper. */
import { LngLatBounds, type Map as MapLibre } from "maplibre-gl";
import { worldMetres, worldX, worldY } from "./mercator";
import type { Spot } from "./pin-places";

/** Dots for each pixel of a printed map: some 250 to the inch. */
const PRINT_RATIO = 2;
/** Pixels between the outermost place and the edge: room for its pin. */
const PRINT_MARGIN = 48;

/** A picture of the map, north up, and where on it a place of the ground lies. */
export interface Picture {
  canvas: HTMLCanvasElement;
  /** Metres of ground from the left edge to the right, in the middle of the picture. */
  metresAcross: number;
  /** In shares of width and height from the upper left corner; beyond 0–1 the place is outside the picture. */
  spot(lon: number, lat: number): Spot;
}

/** Draws the map in that size around these places, sharp enough to print; afterwards it is as it was. */
export async function pictureOf(
  map: MapLibre,
  width: number,
  height: number,
  places: { lon: number; lat: number }[],
  maxZoom: number,
): Promise<Picture> {
  const box = map.getContainer();
  const before = {
    style: box.getAttribute("style"),
    view: { center: map.getCenter(), zoom: map.getZoom() },
    padding: map.getPadding(),
  };
  const ratio = map.getPixelRatio();
  box.style.cssText = `width:${width}px;height:${height}px;inset:auto`;
  map.setPixelRatio(PRINT_RATIO);
  map.resize();
  map.setPadding({ top: 0, left: 0, right: 0, bottom: 0 });
  const all = new LngLatBounds();
  for (const { lon, lat } of places) all.extend([lon, lat]);
  if (!all.isEmpty()) map.fitBounds(all, { duration: 0, padding: PRINT_MARGIN, maxZoom });
  await new Promise<void>((resolve) => void map.once("idle", () => resolve()));
  const picture = copied(map);
  box.setAttribute("style", before.style ?? "");
  map.setPixelRatio(ratio);
  map.resize();
  map.setPadding(before.padding);
  map.jumpTo(before.view);
  return picture;
}

/** The map as it is now. */
export function copied(map: MapLibre): Picture {
  map.redraw();
  const drawn = map.getCanvas();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [drawn.width, drawn.height];
  canvas.getContext("2d")?.drawImage(drawn, 0, 0);
  const { clientWidth: width, clientHeight: height } = map.getContainer();
  const [corner, opposite] = [map.unproject([0, 0]), map.unproject([width, height])];
  const [west, north] = [worldX(corner.lng), worldY(corner.lat)];
  const [across, down] = [worldX(opposite.lng) - west, worldY(opposite.lat) - north];
  return {
    canvas,
    metresAcross: across * worldMetres((corner.lat + opposite.lat) / 2),
    spot: (lon, lat) => ({ x: (worldX(lon) - west) / across, y: (worldY(lat) - north) / down }),
  };
}

/** Hides what is visible of these sources; gives what shows it again. */
export function hidden(map: MapLibre, sources: readonly string[]): () => void {
  const visible = map
    .getLayersOrder()
    .filter((id) => sources.includes(map.getLayer(id)?.source ?? ""))
    .filter((id) => map.getLayoutProperty(id, "visibility") !== "none");
  const set = (visibility: "visible" | "none") => {
    for (const id of visible) if (map.getLayer(id)) map.setLayoutProperty(id, "visibility", visibility);
  };
  set("none");
  return () => set("visible");
}
