import type { PlannerMap } from "../map/planner-map";

/** The map once it is there; absent while it loads and in browsers that cannot draw one. */
class MapLink {
  map = $state.raw<PlannerMap | null>(null);
  idle = $state(false);
  /** The ranked sites are on the map. */
  ranked = $state(false);
  /** Where the mouse is on the map, in pixels and degrees; null where there is none. */
  pointer = $state.raw<{ x: number; y: number; lon: number; lat: number } | null>(null);
  /** How much ground a pixel covers in the middle of the map. */
  metresPerPixel = $state<number | null>(null);
  /** The browser cannot draw the map. */
  impossible = $state(false);

  /** The map is drawn, or never will be: what else there is to ask for may be asked for. */
  get settled(): boolean {
    return this.idle || this.impossible;
  }
}

export const mapLink = new MapLink();
