import type { PlannerMap } from "../map/planner-map";

/** The map once it is there; absent while it loads and in browsers that cannot draw one. */
class MapLink {
  map = $state.raw<PlannerMap | null>(null);
  idle = $state(false);
  /** The ranked sites are on the map. */
  ranked = $state(false);
  /** The browser cannot draw the map. */
  impossible = $state(false);

  /** The map is drawn, or never will be: what else there is to ask for may be asked for. */
  get settled(): boolean {
    return this.idle || this.impossible;
  }
}

export const mapLink = new MapLink();
