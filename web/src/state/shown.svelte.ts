/** Which layers are on the map, and how strongly. */
import { SvelteMap } from "svelte/reactivity";
import type { Layer } from "../api/types";
import { shownAtFirst } from "../map/roles";
import type { LinkedLayers } from "./address";
import { floodSeries, type FloodSeries } from "./flood";

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

  #known = $state.raw<Layer[]>([]);

  start(layers: Layer[]): void {
    this.#known = layers;
    for (const layer of layers) this.#layers.set(layer.name, { visible: shownAtFirst(layer), opacity: 1 });
  }

  /** What a link carries; null while everything is shown as at first. */
  get asLink(): LinkedLayers | null {
    const { visible, opacity } = this.sites;
    const differs = (layer: Layer) => {
      const now = this.of(layer.name);
      return now.visible !== shownAtFirst(layer) || (now.visible && now.opacity !== 1);
    };
    if (visible && opacity === 1 && !this.#known.some(differs)) return null;
    const shown = this.#known.filter(({ name }) => this.of(name).visible);
    return {
      visible: new Map(shown.map(({ name }) => [name, this.of(name).opacity])),
      sites: visible ? opacity : 0,
    };
  }

  /** Shows the layers of a link, or those of the beginning; gives the names that there are no layers of. */
  take(linked: LinkedLayers | null): string[] {
    const [names, series] = [new Set(this.#known.map(({ name }) => name)), floodSeries(this.#known)];
    this.sites = linked?.sites === 0 ? { visible: false, opacity: 1 } : { visible: true, opacity: linked?.sites ?? 1 };
    for (const layer of this.#known) {
      const opacity = linked?.visible.get(layer.name);
      const visible = linked ? opacity !== undefined : shownAtFirst(layer);
      this.#layers.set(layer.name, { visible, opacity: opacity ?? 1 });
    }
    for (const { key, layers } of series) {
      const at = layers.findIndex(({ name }) => linked?.visible.has(name));
      if (at >= 0) this.#periods.set(key, at);
    }
    return [...(linked?.visible.keys() ?? [])].filter((name) => !names.has(name));
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
