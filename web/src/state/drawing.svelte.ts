/** Plots drawn by hand: their corners, what is typed of them, and what the server says of the one that is looked at. */
import { api, problemOf } from "../api/client";
import { insight, type Drawn, type PlotOnGround } from "../api/insight";
import type { ApiProblem, Text } from "../api/types";
import { locale } from "../i18n/locale.svelte";
import type { Sketch } from "../map/sketch";
import { areaOf, crosses, polygonOf, settled, type Corner } from "../map/ring";
import { loaded } from "./chunks";
import type { LinkedPlot } from "./address";
import { Asked } from "./asked.svelte";
import { connection } from "./connection.svelte";
import { desk } from "./desk.svelte";
import type { Draft } from "./draft.svelte";
import { layout } from "./layout.svelte";
import { mapLink } from "./map-link.svelte";
import { planner } from "./planner.svelte";
import type { Outline } from "./plot-files";
import { freeId, fromKept, LEAST_CORNERS, MOST_PLOTS, sameOutline, toKeep, type Plot } from "./plots";

/** What the server calls the plot where it stands among sites. */
export const DRAWN = "drawn";

class Drawing {
  /** Whether the panel of the drawing stands in place of the list. */
  on = $state(false);
  /** As the server keeps them with the scenario. */
  kept = $state.raw<readonly Plot[]>([]);
  #version: string | null = null;
  /** As they are here; null while they are those that are kept. */
  #own = $state.raw<readonly Plot[] | null>(null);
  plots = $derived<readonly Plot[]>(this.#own ?? this.kept);
  /** Id of the plot that is looked at; null before the first corner of a new one. */
  #chosen = $state<string | null>(null);
  plot = $derived(this.plots.find(({ id }) => id === this.#chosen) ?? null);
  corners = $derived<readonly Corner[]>(this.plot?.rings[0] ?? []);
  closed = $derived(this.plot?.closed ?? false);
  hover = $state.raw<Corner | null>(null);
  /** The corner whose field has the focus. */
  active = $state<number | null>(null);
  /** While a corner is dragged nothing is measured. */
  dragging = $state(false);
  /** The server is reading or keeping plots. */
  busy = $state(false);
  problem = $state.raw<ApiProblem | null>(null);
  /** What became of the files that were taken last. */
  said = $state.raw<readonly string[]>([]);
  asked = new Asked<Drawn>();
  #sketch: Sketch | null = null;
  #draft: Draft | null = null;

  attach(draft: Draft): void {
    this.#draft = draft;
  }

  enough = $derived(this.corners.length >= LEAST_CORNERS);
  crossing = $derived(this.enough && crosses(this.corners));
  /** The closed plot, for the server. */
  shape = $derived(this.closed && this.enough ? polygonOf(this.plot?.rings ?? []) : null);
  /** m², while it is drawn too; null before there is an area. */
  area = $derived.by(() => {
    const corners = this.closed || !this.hover ? this.corners : [...this.corners, this.hover];
    const holes = (this.plot?.rings ?? []).slice(1).reduce((sum, hole) => sum + areaOf(hole), 0);
    return corners.length >= LEAST_CORNERS && !crosses(corners) ? areaOf(corners) - holes : null;
  });
  /** Something differs from what the server keeps. */
  get changed(): boolean {
    return this.#own !== null && this.#own !== this.kept;
  }

  /** For a draft: null while they are as kept. */
  get own(): readonly Plot[] | null {
    return this.#own;
  }

  /** Puts the plots back as they were in a draft. */
  show(plots: readonly Plot[] | null): void {
    this.#own = plots;
    if (!this.plots.some(({ id }) => id === this.#chosen)) this.#choose(null);
  }

  #change(what: string, plots: readonly Plot[]): void {
    this.#own = plots;
    this.#draft?.record(what);
  }

  #set(change: Partial<Plot>, what: string): void {
    const { plot } = this;
    if (!plot) return;
    this.#change(
      `plot ${plot.id} ${what}`,
      this.plots.map((other) => (other.id === plot.id ? { ...plot, ...change } : other)),
    );
  }

  #choose(id: string | null): void {
    if (id === this.#chosen) return;
    this.#chosen = id;
    this.hover = this.active = null;
    this.asked.forget();
  }

  /** What people call a plot; one without a name has a number. */
  nameOf(plot: Plot): string {
    return plot.name.trim() || locale.t.plots.nameless(locale.f.number(this.plots.indexOf(plot) + 1));
  }

  /** What the plot that is looked at is called, in both languages: a name is not translated. */
  title = $derived.by<Text | null>(() => {
    const name = this.plot && this.nameOf(this.plot);
    return name === null ? null : { en: name, km: name };
  });

  /** What the server says of the plot that is looked at, as it stands now, under its name. */
  measured = $derived.by<Drawn | null>(() => {
    const { answer, fresh, problem } = this.asked;
    if (!this.on || !this.shape || !answer || !fresh || problem) return null;
    return { ...answer, site: { ...answer.site, name: this.title } };
  });

  /** The plot as a part of the address; null where none is looked at. */
  get asLink(): LinkedPlot | null {
    if (!this.on || !this.shape || !this.plot) return null;
    const { name, tenure, price } = this.plot;
    return { corners: this.corners, name, tenure, price };
  }

  full = $derived(this.plots.length >= MOST_PLOTS);

  /** Opens the plots, at the one looked at last. */
  start(): void {
    this.on = true;
    planner.chosen = null;
    desk.work = null;
    layout.showSites();
    if (!this.plot) this.#choose(this.plots.at(-1)?.id ?? null);
    void this.#takeMap();
  }

  /** Opens a plot and shows where it lies. */
  open(id: string): void {
    this.#choose(id);
    this.start();
    if (this.corners.length > 0) mapLink.map?.fit(this.corners.map(([lon, lat]) => [lon, lat]));
  }

  /** The plot of a link; one that is here already is not taken twice. */
  openLinked({ corners, name, tenure, price }: LinkedPlot): void {
    const same = this.plots.find(({ rings }) => sameOutline(rings[0] ?? [], corners));
    if (same) this.#choose(same.id);
    else if (!this.full) {
      const id = freeId(this.plots);
      const rings = [corners.map(settled)];
      this.#change("link", [...this.plots, { id, name, tenure, price, rings, closed: true }]);
      this.#choose(id);
    }
    this.start();
  }

  /** Takes the outlines of a file; gives how many of them there was no room for. */
  take(outlines: readonly Outline[]): number {
    const taken = outlines.slice(0, Math.max(0, MOST_PLOTS - this.plots.length));
    let plots = this.plots;
    for (const { name, rings } of taken)
      plots = [...plots, { id: freeId(plots), name, tenure: null, price: null, rings, closed: true }];
    const last = plots.at(-1);
    if (taken.length > 0 && last) {
      this.#change("file", plots);
      this.#choose(last.id);
      this.start();
      mapLink.map?.fit(taken.flatMap(({ rings }) => rings[0] ?? []));
    }
    return outlines.length - taken.length;
  }

  async #takeMap(): Promise<void> {
    const { map } = mapLink;
    if (!map || this.#sketch) return;
    const { Sketch } = await loaded(() => import("../map/sketch"));
    if (!this.on || this.#sketch) return;
    this.#sketch = await map.handTo(
      (lent, giveBack) =>
        new Sketch(lent, giveBack, {
          corners: () => this.corners,
          closed: () => this.closed,
          add: (corner) => this.add(corner),
          close: () => this.close(),
          insert: (after, corner) => this.insert(after, corner),
          move: (n, corner) => {
            this.dragging = true;
            this.move(n, corner);
          },
          moved: () => (this.dragging = false),
          hover: (corner) => (this.hover = corner),
        }),
    );
  }

  /** Leaves drawing; the plots stay. */
  leave(): void {
    this.on = false;
    this.hover = this.active = null;
    this.#sketch?.leave();
    this.#sketch = null;
  }

  /** Begins another plot: the next corner is its first. */
  another(): void {
    this.#choose(null);
  }

  add(corner: Corner): void {
    if (this.plot) {
      this.#reshape([...this.corners, settled(corner)], `corner ${this.corners.length}`);
      return;
    }
    if (this.full) return;
    const id = freeId(this.plots);
    const rings = [[settled(corner)]];
    this.#change(`plot ${id}`, [...this.plots, { id, name: "", tenure: null, price: null, rings, closed: false }]);
    this.#choose(id);
  }

  /** Sets the corners of the outline; holes stay. */
  #reshape(corners: readonly Corner[], what: string, change: Partial<Plot> = {}): void {
    this.#set({ ...change, rings: [corners, ...(this.plot?.rings ?? []).slice(1)] }, what);
  }

  insert(after: number, corner: Corner): void {
    this.#reshape(this.corners.toSpliced(after + 1, 0, settled(corner)), `move ${after + 1}`);
  }

  move(n: number, corner: Corner): void {
    this.#reshape(this.corners.with(n, settled(corner)), `move ${n}`);
  }

  remove(n: number): void {
    const left = this.corners.toSpliced(n, 1);
    if (left.length === 0) this.drop();
    else this.#reshape(left, `without ${left.length}`, left.length < LEAST_CORNERS ? { closed: false } : {});
  }

  /** Takes the last corner back. */
  back(): void {
    this.remove(this.corners.length - 1);
  }

  close(): void {
    if (!this.enough) return;
    this.#set({ closed: true }, "close");
    this.hover = null;
  }

  rename(name: string): void {
    this.#set({ name }, "name");
  }

  setTenure(tenure: string | null): void {
    this.#set({ tenure }, "tenure");
  }

  setPrice(price: number | null): void {
    this.#set({ price }, "price");
  }

  /** Takes the plot that is looked at away. */
  drop(): void {
    const { plot } = this;
    if (!plot) return;
    this.#change(
      `drop ${plot.id}`,
      this.plots.filter(({ id }) => id !== plot.id),
    );
    this.#choose(null);
  }

  /** The middle of what the map shows, for those who set corners without pointing. */
  get middle(): Corner | null {
    const view = mapLink.map?.view;
    return view ? settled([view.lon, view.lat]) : null;
  }

  /** The closed plot as the server is asked about it. Its name changes nothing that is measured. */
  onGround = $derived.by<PlotOnGround | null>(() => {
    const { plot, shape } = this;
    if (!plot || !shape) return null;
    return { polygon: shape, tenure: plot.tenure, price_usd_m2: plot.price };
  });

  ask(ranking: string): void {
    const { onGround } = this;
    if (!onGround || this.crossing || this.dragging) return;
    void this.asked.ask(`${ranking} ${JSON.stringify(onGround)}`, (signal) => insight.drawn(ranking, onGround, signal));
  }

  /** Reads the plots that the server keeps with a scenario. */
  async load(scenario: string): Promise<void> {
    await this.#busily(async () => {
      const { plots, version } = await api.plots(scenario);
      this.kept = fromKept(plots);
      this.#version = version ?? null;
    });
  }

  /** Keeps the plots with a scenario, over those that were read. */
  keep(scenario: string): Promise<boolean> {
    return this.#write(scenario, this.#version);
  }

  /** Keeps them with a scenario that is new. */
  keepAs(scenario: string): Promise<boolean> {
    return this.#write(scenario, null);
  }

  #write(scenario: string, version: string | null): Promise<boolean> {
    const sent = this.plots;
    return this.#busily(async () => {
      const nameless = (n: number) => locale.t.plots.nameless(locale.f.number(n));
      const answer = await api.savePlots(scenario, toKeep(sent, nameless), version);
      this.#version = answer.version ?? null;
      // What was drawn here goes on under its own ids: the steps back know it by them.
      this.kept = sent;
    });
  }

  async #busily(work: () => Promise<void>): Promise<boolean> {
    this.busy = true;
    this.problem = null;
    try {
      await connection.steadily(work);
    } catch (cause) {
      this.problem = problemOf(cause);
    }
    this.busy = false;
    return this.problem === null;
  }
}

export const drawing = new Drawing();
