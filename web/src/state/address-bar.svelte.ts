/** Keeps the address in step with the screen, and the screen with an address that is typed, pasted or gone back to. */
import { getContext, setContext } from "svelte";
import { locale } from "../i18n/locale.svelte";
import { DEFAULT, readAddress, unreadable, writeAddress, type Address } from "./address";
import { compared } from "./compared.svelte";
import { comparison } from "./comparison.svelte";
import { desk } from "./desk.svelte";
import { drawing } from "./drawing.svelte";
import { mapLink } from "./map-link.svelte";
import { planner } from "./planner.svelte";
import { scenarios } from "./scenarios.svelte";
import { shown } from "./shown.svelte";
import { sureness } from "./sureness.svelte";

/** Something of a link that leads nowhere. */
export interface DeadPart {
  part: "scenario" | "site" | "against" | "compare" | "layers" | "weights" | "unreadable";
  /** What the link said. */
  said: string;
}

/** Browsers slow down pages that rewrite their address at every step of a drag. */
const SETTLES_MS = 250;

export class AddressBar {
  dead = $state.raw<DeadPart[]>([]);
  /** The place that the last entry of the browser's history stands for. */
  #place = "";
  /** The address that the screen shows; another one was typed, pasted or gone back to. */
  #written = "";
  #applying = $state(false);

  /** Follows the browser until the answer is called. */
  listen(): () => void {
    const look = (event: PopStateEvent | HashChangeEvent) => {
      if (location.hash === this.#written) return;
      this.#written = location.hash;
      const own = event instanceof PopStateEvent && isOwn(event.state);
      // The skip link and the like name a part of the page, not a view.
      if (!own && location.hash !== "" && !location.hash.includes("=")) return;
      void this.apply(location.hash, !own);
    };
    addEventListener("popstate", look);
    addEventListener("hashchange", look);
    return () => {
      removeEventListener("popstate", look);
      removeEventListener("hashchange", look);
    };
  }

  /** The address of what is on the screen now. */
  get now(): Address {
    const { chosen, matrix, name: scenario, asLink: weights } = planner;
    return {
      lang: locale.lang,
      view: mapLink.map?.view ?? null,
      site: chosen === null ? null : (matrix?.sites.id[chosen] ?? null),
      scenario,
      weights,
      plot: drawing.asLink,
      draw: drawing.on,
      layers: shown.asLink,
      compare: compared.sites,
      desk: desk.work === "sure" ? `sure:${sureness.view}:${sureness.draws}` : desk.work,
      against: comparison.name,
    };
  }

  /** The link to what is on the screen. */
  get link(): string {
    return location.origin + location.pathname + writeAddress(this.now);
  }

  /** Writes the address once the screen has stood still for a moment; to be called from an effect. */
  follow(): (() => void) | undefined {
    const { now } = this;
    // Until the first ranking is there the address still holds what was asked for.
    if (!planner.matrix || this.#applying) return;
    const settled = setTimeout(() => this.#write({ ...now, view: mapLink.map?.view ?? null }), SETTLES_MS);
    return () => clearTimeout(settled);
  }

  #write(address: Address): void {
    const [hash, place] = [writeAddress(address), placeOf(address)];
    // Going somewhere else is a step that the browser's Back takes back; moving the map or a weight is none.
    if (this.#place !== "" && place !== this.#place) history.pushState(OWN, "", hash);
    else history.replaceState(OWN, "", hash);
    this.#place = place;
    this.#written = location.hash;
  }

  /**
   * Shows what an address names. `whole`: a link that somebody typed or pasted; else a step back or forward, which
   * changes where one is and nothing that was decided since.
   */
  async apply(hash: string, whole: boolean): Promise<void> {
    const address = readAddress(hash);
    const dead: DeadPart[] = whole ? unreadable(hash).map((said) => ({ part: "unreadable", said })) : [];
    this.#applying = true;
    try {
      await this.#scenario(address, dead);
      if (whole) this.#view(address, dead);
      this.#places(address, dead);
    } finally {
      this.#applying = false;
      this.#place = placeOf(this.now);
    }
    this.dead = dead;
  }

  /** Takes what the address of a page that opens asks for, once the first ranking is there. */
  opened(hash: string): void {
    const address = readAddress(hash);
    const dead: DeadPart[] = unreadable(hash).map((said) => ({ part: "unreadable", said }));
    if (planner.missing !== null) dead.push({ part: "scenario", said: planner.missing });
    if (planner.foreignWeights && address.weights) dead.push({ part: "weights", said: "" });
    this.#layers(address, dead);
    this.#compare(address, dead);
    this.#places(address, dead);
    this.#place = placeOf(this.now);
    this.dead = dead;
  }

  async #scenario({ scenario, weights }: Address, dead: DeadPart[]): Promise<void> {
    const wanted = scenario ?? DEFAULT;
    if (wanted === planner.name) return;
    if (scenarios.kept.some(({ name }) => name === wanted) && (await scenarios.open(wanted))) return;
    dead.push({ part: "scenario", said: wanted });
    // The weights of a scenario that is not there say nothing about the one that is.
    weights?.clear();
  }

  /** What was decided, and how it is looked at. */
  #view(address: Address, dead: DeadPart[]): void {
    const { lang, view, weights } = address;
    if (lang === "en" || lang === "km") locale.set(lang);
    if (view) mapLink.map?.look(view);
    if (weights && weights.size > 0 && !planner.weighBy(weights)) dead.push({ part: "weights", said: "" });
    if (!weights) planner.weighAsOpened();
    this.#layers(address, dead);
    this.#compare(address, dead);
  }

  #layers({ layers }: Address, dead: DeadPart[]): void {
    const unknown = shown.take(layers);
    if (unknown.length > 0) dead.push({ part: "layers", said: unknown.join(", ") });
  }

  #compare({ compare }: Address, dead: DeadPart[]): void {
    const gone = compared.take(compare);
    if (gone.length > 0) dead.push({ part: "compare", said: gone.join(", ") });
  }

  /** Where one is: a site, the plots, the desk, a comparison of scenarios. */
  #places({ site, plot, draw, desk: lies, against }: Address, dead: DeadPart[]): void {
    const [work, view, draws] = (lies ?? "").split(":");
    desk.work = work === "compare" || work === "sure" ? work : null;
    if (view === "ranks" || view === "methods" || view === "unknowns") sureness.view = view;
    if (draws === "given" || draws === "order" || draws === "uniform") sureness.draws = draws;
    if (against === null) comparison.end();
    else if (against !== comparison.name) {
      if (scenarios.kept.some(({ name }) => name === against)) void comparison.with(against);
      else dead.push({ part: "against", said: against });
    }
    if (plot) drawing.openLinked(plot);
    else if (draw && !drawing.on) drawing.start();
    else if (!draw && drawing.on) drawing.leave();
    const row = site === null ? null : planner.rowOf(site);
    if (site !== null && row === null) dead.push({ part: "site", said: site });
    if (!draw) planner.chosen = row;
  }
}

/** Marks the entries of the browser's history that this page made. */
const OWN = { phteah: true };
const isOwn = (state: unknown) => typeof state === "object" && state !== null && "phteah" in state;

function placeOf({ scenario, site, draw, desk: lies, against }: Address): string {
  return JSON.stringify([scenario ?? DEFAULT, site, draw, lies?.split(":")[0] ?? null, against]);
}

const KEY = Symbol("address bar");

export function provideAddressBar(bar: AddressBar): void {
  setContext(KEY, bar);
}

export function useAddressBar(): AddressBar {
  return getContext<AddressBar>(KEY);
}
