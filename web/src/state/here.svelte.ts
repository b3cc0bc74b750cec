/** The place on the map that was asked about, and what the layers say of it. */
import { askHere, type HereLayer } from "../api/here";
import { problemOf } from "../api/client";
import type { ApiProblem } from "../api/types";
import { mapLink } from "./map-link.svelte";
import { planner } from "./planner.svelte";
import { shown } from "./shown.svelte";

export interface AskedPlace {
  lon: number;
  lat: number;
  /** What a finger or pointer may be beside what it means, in metres. */
  withinM: number;
}

class HereState {
  place = $state.raw<AskedPlace | null>(null);
  answers = $state.raw<HereLayer[] | null>(null);
  problem = $state.raw<ApiProblem | null>(null);
  #asking: AbortController | null = null;

  /** Asks the layers that can be seen; boundaries too, for where it is. */
  async ask(place: AskedPlace): Promise<void> {
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    this.place = place;
    this.answers = null;
    this.problem = null;
    void mapLink.map?.show("asked", [
      { type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [place.lon, place.lat] } },
    ]);
    const layers = planner.layers
      .filter(({ name, role }) => role === "boundaries" || shown.of(name).visible)
      .map(({ name }) => name);
    try {
      const answers = await askHere({ ...place, layers, ranking: planner.tiles }, asking.signal);
      if (!asking.signal.aborted) this.answers = answers;
    } catch (cause) {
      if (asking.signal.aborted) return;
      console.error(cause);
      this.problem = problemOf(cause);
    }
  }

  close(): void {
    this.#asking?.abort();
    this.place = this.answers = null;
    this.problem = null;
    void mapLink.map?.show("asked", []);
  }
}

export const here = new HereState();
