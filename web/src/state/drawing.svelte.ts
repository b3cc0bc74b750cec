/** A plot drawn by hand: its corners, and what the server says of it. */
import { insight, type Drawn } from "../api/insight";
import type { Sketch } from "../map/sketch";
import { crosses, polygon, settled, type Corner } from "../map/ring";
import { Asked } from "./asked.svelte";
import { desk } from "./desk.svelte";
import { layout } from "./layout.svelte";
import { mapLink } from "./map-link.svelte";
import { planner } from "./planner.svelte";

const LEAST_CORNERS = 3;
const MEMORY = "phteah.plot";
/** What the server calls the plot where it stands among sites. */
export const DRAWN = "drawn";

class Drawing {
  /** Whether the panel of the drawing stands in place of the list. */
  on = $state(false);
  corners = $state.raw<readonly Corner[]>([]);
  closed = $state(false);
  hover = $state.raw<Corner | null>(null);
  /** The corner whose field has the focus. */
  active = $state<number | null>(null);
  /** While a corner is dragged nothing is measured. */
  dragging = $state(false);
  asked = new Asked<Drawn>();
  #sketch: Sketch | null = null;

  /** The closed plot, for the server. */
  shape = $derived(this.closed && this.corners.length >= LEAST_CORNERS ? polygon(this.corners) : null);

  /** Takes the plot of a link, or else the one that was drawn here last; a link's is opened at once. */
  restore(linked: readonly Corner[] | null): void {
    const kept = linked ?? remembered();
    if (!kept || kept.length < LEAST_CORNERS) return;
    this.corners = kept;
    this.closed = true;
    if (linked) this.start();
  }

  /** Keeps the plot in this browser: it is nobody else's until its link is sent. */
  keep(): void {
    try {
      if (this.shape) localStorage.setItem(MEMORY, JSON.stringify(this.corners));
      else if (this.corners.length === 0) localStorage.removeItem(MEMORY);
    } catch {
      // A browser that stores nothing still has the plot until the page is closed.
    }
  }

  /** What the server says of the plot that is looked at, as it stands now. */
  get measured(): Drawn | null {
    return this.on && this.shape && this.asked.fresh && !this.asked.problem ? this.asked.answer : null;
  }

  /** The plot as a part of the address; null where none is looked at. */
  get asLink(): readonly Corner[] | null {
    return this.on && this.shape ? this.corners : null;
  }

  enough = $derived(this.corners.length >= LEAST_CORNERS);
  crossing = $derived(this.enough && crosses(this.corners));

  start(): void {
    this.on = true;
    planner.chosen = null;
    desk.work = null;
    layout.showSites();
    void this.#takeMap();
  }

  async #takeMap(): Promise<void> {
    const { map } = mapLink;
    if (!map || this.#sketch) return;
    const { Sketch } = await import("../map/sketch");
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

  /** Leaves drawing; the plot itself stays until another is drawn. */
  leave(): void {
    this.on = false;
    this.hover = this.active = null;
    this.#sketch?.leave();
    this.#sketch = null;
  }

  add(corner: Corner): void {
    this.corners = [...this.corners, settled(corner)];
  }

  insert(after: number, corner: Corner): void {
    this.corners = this.corners.toSpliced(after + 1, 0, settled(corner));
  }

  move(n: number, corner: Corner): void {
    this.corners = this.corners.with(n, settled(corner));
  }

  remove(n: number): void {
    this.corners = this.corners.toSpliced(n, 1);
    if (!this.enough) this.reopen();
  }

  undo(): void {
    this.remove(this.corners.length - 1);
  }

  close(): void {
    if (!this.enough) return;
    this.closed = true;
    this.hover = null;
  }

  reopen(): void {
    this.closed = false;
    this.asked.forget();
  }

  clear(): void {
    this.corners = [];
    this.reopen();
  }

  /** The middle of what the map shows, for those who set corners without pointing. */
  get middle(): Corner | null {
    const view = mapLink.map?.view;
    return view ? settled([view.lon, view.lat]) : null;
  }

  ask(ranking: string, name: string): void {
    if (!this.closed || !this.enough || this.crossing || this.dragging) return;
    const shape = polygon(this.corners);
    void this.asked.ask(`${ranking} ${JSON.stringify(shape.coordinates)}`, (signal) =>
      insight.drawn(ranking, shape, name, signal),
    );
  }
}

function remembered(): Corner[] | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(MEMORY) ?? "null");
    const isCorner = (one: unknown): one is Corner =>
      Array.isArray(one) && one.length === 2 && one.every((degrees) => typeof degrees === "number");
    return Array.isArray(kept) && kept.every(isCorner) ? kept : null;
  } catch {
    return null;
  }
}

export const drawing = new Drawing();
