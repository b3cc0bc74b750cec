/** Which layers are on the map, and how strongly. */
import { SvelteMap } from "svelte/reactivity";
import type { Layer } from "../api/types";
import { shownAtFirst } from "../map/roles";
import type { FloodSeries } from "./flood";

export interface Showing {
  visible: boolean;
  /** 0–1, on top of the layer's own transparency. */
  opacity: number;
}

const plain: Showing = { visible: false, opacity: 1 };

class Shown {
  sites = $state<Showing>({ visible: true, opacity: 1 });
  #layers = new SvelteMap<string, Showing>();
  #periods = new SvelteMap<string, number>();

  start(layers: Layer[]): void {
    for (const layer of layers) this.#layers.set(layer.name, { visible: shownAtFirst(layer), opacity: 1 });
  }

  of(name: string): Showing {
    return this.#layers.get(name) ?? plain;
  }

  set(name: string, change: Partial<Showing>): void {
    this.#layers.set(name, { ...this.of(name), ...change });
  }

  /** Position of the flood slider; it opens on the rarest flood up to once in 100 years, the usual design flood. */
  period(series: FloodSeries): number {
    const usual = series.layers.findLastIndex(({ return_period }) => (return_period ?? 0) <= 100);
    return this.#periods.get(series.key) ?? Math.max(0, usual);
  }

  flood(series: FloodSeries): Showing {
    return this.of(series.layers[this.period(series)]?.name ?? "");
  }

  setFlood(series: FloodSeries, change: Partial<Showing> & { period?: number }): void {
    const showing = { ...this.flood(series), ...change };
    if (change.period !== undefined) this.#periods.set(series.key, change.period);
    const at = this.period(series);
    series.layers.forEach(({ name }, n) => {
      this.#layers.set(name, { opacity: showing.opacity, visible: showing.visible && n === at });
    });
  }
}

export const shown = new Shown();
