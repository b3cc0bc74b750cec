import type { PlannerMap } from "../map/planner-map";

/** The map once it is there; absent while it loads and in browsers that cannot draw one. */
class MapLink {
  map = $state.raw<PlannerMap | null>(null);
  idle = $state(false);
  /** The browser cannot draw the map. */
  impossible = $state(false);
}

export const mapLink = new MapLink();
