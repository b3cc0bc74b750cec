/** Choosing the settlements that would move: in a list, by sangkat, and on the map. */
import type { Map as MapLibre, MapMouseEvent } from "maplibre-gl";
import { api, problemOf } from "../api/client";
import type { ApiProblem, Settlement } from "../api/types";
import { connection } from "./connection.svelte";
import { mapLink } from "./map-link.svelte";
import { chosenOnes, withOrWithout } from "./movers";
import { planner } from "./planner.svelte";
import { scenarioEdit } from "./scenario-edit.svelte";

/** A finger is less exact than a mouse; both hit a disc this far from its middle. */
const REACH_PX = 18;

export class Moving {
  all = $state.raw<Settlement[] | null>(null);
  problem = $state.raw<ApiProblem | null>(null);
  /** Some are to be chosen, but none is yet: everybody moves until the first choice. */
  beginning = $state(false);
  /** The map is asked for settlements in place of sites. */
  onMap = $state(false);
  #giveBack: (() => void) | null = null;

  #named = $derived(planner.scenario?.move?.settlements ?? "all");
  /** Null: everybody. */
  ids = $derived(chosenOnes(this.#named, this.beginning));

  async load(): Promise<void> {
    if (this.all) return;
    try {
      this.all = await connection.steadily(() => api.settlements());
      this.problem = null;
    } catch (cause) {
      this.problem = problemOf(cause);
    }
  }

  everybody(): void {
    this.beginning = false;
    if (this.#named !== "all") scenarioEdit.setSettlements("all");
    this.leaveMap();
  }

  /** Some are to be chosen: nothing changes before the first. */
  some(): void {
    if (this.#named === "all") this.beginning = true;
  }

  set(ids: readonly string[], on: boolean): void {
    const chosen = withOrWithout(this.ids, ids, on);
    // Whoever takes the last one out begins again; a scenario in which nobody moves cannot be ranked by.
    this.beginning = chosen.length === 0;
    scenarioEdit.setSettlements(chosen.length === 0 ? "all" : chosen);
  }

  /** Takes the map until {@link leaveMap}: a click on a settlement chooses it, another leaves it out again. */
  async takeMap(): Promise<void> {
    const { map } = mapLink;
    if (!map || this.onMap) return;
    this.onMap = true;
    this.some();
    const points = (this.all ?? []).map(({ lon, lat }): [number, number] => [lon, lat]);
    if (points.length > 0) map.fit(points);
    await map.handTo((lent, giveBack) => {
      const click = (event: MapMouseEvent) => this.#click(lent, event);
      lent.on("click", click);
      this.#giveBack = () => {
        lent.off("click", click);
        giveBack();
      };
    });
    if (!this.onMap) this.leaveMap();
  }

  #click(map: MapLibre, { point }: MapMouseEvent): void {
    let nearest: string | null = null;
    let least = REACH_PX;
    for (const { id, lon, lat } of this.all ?? []) {
      const drawn = map.project([lon, lat]);
      const distance = Math.hypot(drawn.x - point.x, drawn.y - point.y);
      if (distance <= least) [nearest, least] = [id, distance];
    }
    if (nearest !== null) this.set([nearest], !(this.ids?.has(nearest) ?? false));
  }

  leaveMap(): void {
    this.onMap = false;
    this.#giveBack?.();
    this.#giveBack = null;
  }

  /** The settlements as the map draws them while they are chosen. */
  get features(): GeoJSON.Feature[] {
    if (!this.onMap) return [];
    return (this.all ?? []).map(({ id, lon, lat }) => ({
      type: "Feature",
      properties: { chosen: this.ids?.has(id) ?? false },
      geometry: { type: "Point", coordinates: [lon, lat] },
    }));
  }
}
