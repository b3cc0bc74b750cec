import type { Map as MapLibre } from "maplibre-gl";
import type { Matrix } from "../api/types";
import { SITES } from "./sites";

/**
 * Scores that the page knows better than the tiles, which hold the values of before an edit until the server has ranked
 * by it. Only sites in view have to know: nobody drags a curve and the map at the same time.
 */
export class Restated {
  #on = false;

  /** Takes scores by row; null once the tiles are of the same values. `cleared`: every state of the sites is gone. */
  take(map: MapLibre, scores: ArrayLike<number> | null, { lon, lat }: Matrix["sites"], cleared: () => void): void {
    if (scores) {
      const view = map.getBounds();
      for (let i = 0; i < scores.length; i += 1) {
        if (!view.contains([lon[i] ?? 0, lat[i] ?? 0])) continue;
        map.setFeatureState({ source: SITES, sourceLayer: SITES, id: i }, { score: scores[i] ?? 0 });
      }
      this.#on = true;
    } else if (this.#on) {
      this.#on = false;
      // The new tiles are on their way: until they are there, what was said holds.
      map.once("idle", () => {
        if (this.#on) return;
        map.removeFeatureState({ source: SITES, sourceLayer: SITES });
        cleared();
      });
    }
  }
}
