/** The map as a picture for paper. */
import { LngLatBounds, type Map as MapLibre } from "maplibre-gl";

/** Dots for each pixel of a printed map: some 250 to the inch. */
const PRINT_RATIO = 2;
/** Pixels between the outermost place and the edge: room for its pin. */
const PRINT_MARGIN = 64;

/** Draws the map in that size around these places, sharp enough to print; afterwards it is as it was. */
export async function pictureOf(
  map: MapLibre,
  width: number,
  height: number,
  places: { lon: number; lat: number }[],
  maxZoom: number,
): Promise<HTMLCanvasElement> {
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
  const picture = document.createElement("canvas");
  copied(map, picture);
  box.setAttribute("style", before.style ?? "");
  map.setPixelRatio(ratio);
  map.resize();
  map.setPadding(before.padding);
  map.jumpTo(before.view);
  return picture;
}

/** Copies the map as it is now. */
export function copied(map: MapLibre, canvas: HTMLCanvasElement): void {
  map.redraw();
  const drawn = map.getCanvas();
  canvas.width = drawn.width;
  canvas.height = drawn.height;
  canvas.getContext("2d")?.drawImage(drawn, 0, 0);
}
