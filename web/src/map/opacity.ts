/** How strongly the layers of a source are drawn, in proportion to what the style gave. */
import type { ExpressionSpecification, Map as MapLibre } from "maplibre-gl";

const opacities = {
  fill: ["fill-opacity"],
  line: ["line-opacity"],
  circle: ["circle-opacity", "circle-stroke-opacity"],
  symbol: ["icon-opacity", "text-opacity"],
  raster: ["raster-opacity"],
} as const;

type OpacityProperty = (typeof opacities)[keyof typeof opacities][number];
type Opacity = number | ExpressionSpecification | undefined;

export class Opacities {
  /** As the style gave them, before anybody changed them. */
  #drawn = new Map<string, Opacity>();

  /** Shows a source's layers so strongly, or not at all. */
  show(map: MapLibre, source: string, visible: boolean, opacity: number): void {
    for (const id of map.getLayersOrder()) {
      const drawn = map.getLayer(id);
      if (drawn?.source !== source) continue;
      map.setLayoutProperty(id, "visibility", visible ? "visible" : "none");
      for (const property of opacities[drawn.type as keyof typeof opacities] ?? []) {
        const base = this.#base(map, id, property);
        // Opacities that change with the zoom cannot be scaled, so a chosen opacity takes their place.
        const scaled = typeof base === "number" || base === undefined ? (base ?? 1) * opacity : opacity;
        map.setPaintProperty(id, property, opacity === 1 ? base : scaled);
      }
    }
  }

  #base(map: MapLibre, id: string, property: OpacityProperty): Opacity {
    const key = `${id} ${property}`;
    if (!this.#drawn.has(key)) this.#drawn.set(key, map.getPaintProperty(id, property) as Opacity);
    return this.#drawn.get(key);
  }
}
