/** All divisions of the city by name, whether sites lie in them or not; read from the map's tiles once somebody searches. */
import type { Bounds, Layer } from "../api/types";
import { loaded } from "./chunks";
import type { LocatedPlace } from "./search";

export class Divisions {
  all = $state.raw<readonly LocatedPlace[]>([]);
  #of = "";

  async learn(layers: readonly Layer[], bounds: Bounds): Promise<void> {
    const boundaries = layers.filter(({ role, kind }) => role === "boundaries" && kind === "vector");
    const of = boundaries.map(({ name, hash }) => `${name} ${hash}`).join();
    if (of === this.#of) return;
    this.#of = of;
    try {
      const { placeLabels } = await loaded(() => import("../map/labels"));
      const all = (await Promise.all(boundaries.map((layer) => placeLabels(layer, bounds)))).flat();
      if (of === this.#of) this.all = all;
    } catch (cause) {
      // The places that have sites are found without; the next search tries again.
      console.error(cause);
      this.#of = "";
    }
  }
}
