/** Measuring on the map: on or off, and what has been measured. */
import type { Measure, Spot } from "../map/measure";
import { areaOf } from "../map/ring";
import { mapLink } from "./map-link.svelte";

class Measuring {
  on = $state(false);
  length = $state(0);
  /** Square metres once the shape is closed. */
  area = $state<number | null>(null);
  started = $state(false);
  #tool: Measure | null = null;

  async toggle(): Promise<void> {
    if (this.on) return this.stop();
    const { map } = mapLink;
    if (!map) return;
    this.on = true;
    const { Measure, lengthOf, measured } = await import("../map/measure");
    if (!this.on) return;
    const tell = (spots: readonly Spot[], closed: boolean) => {
      const [first] = spots;
      this.started = spots.length > 1;
      this.length = lengthOf(closed && first ? [...spots, first] : spots);
      this.area = closed ? areaOf(spots) : null;
      void map.show("measured", measured(spots, closed));
    };
    this.#tool = await map.handTo((lent, giveBack) => new Measure(lent, giveBack, tell));
  }

  stop(): void {
    this.on = false;
    this.#tool?.leave();
    this.#tool = null;
  }
}

export const measuring = new Measuring();
