/** The two to four sites that are held against each other. */
import { api } from "../api/client";
import { insight, type Comparison, type Drawn } from "../api/insight";
import type { SiteDetail, Text } from "../api/types";
import { DRAWN, drawing } from "./drawing.svelte";
import { Asked } from "./asked.svelte";
import { desk } from "./desk.svelte";
import { planner } from "./planner.svelte";

export const MOST_COMPARED = 4;
export const LETTERS = ["A", "B", "C", "D"] as const;

/** A compared site with its letter, and what is shown of it. */
export interface Row {
  id: string;
  letter: string;
  /** Row of the matrix; null for a plot that was drawn by hand. */
  i: number | null;
  name: Text | null;
  /** 0 where it has none. */
  rank: number;
  score: number | null;
  /** By criterion. */
  values: (number | null)[];
  capacity: number;
  lon: number;
  lat: number;
}

class Compared {
  /** Ids of the chosen sites, in the order of their letters. */
  sites = $state.raw<string[]>([]);
  asked = new Asked<{ comparison: Comparison; details: Map<string, SiteDetail>; drawn?: Drawn }>();

  get full(): boolean {
    return this.sites.length >= MOST_COMPARED;
  }

  /** In the order of the letters; a site that the scenario no longer makes is left out. */
  rows = $derived.by<Row[]>(() =>
    this.sites.flatMap((id, n) => {
      const row = id === DRAWN ? this.#drawn() : this.#ranked(id);
      return row ? [{ ...row, id, letter: LETTERS[n] ?? "" }] : [];
    }),
  );

  #ranked(id: string): Omit<Row, "id" | "letter"> | null {
    const { matrix, order } = planner;
    const i = planner.rowOf(id);
    if (!matrix || i === null) return null;
    const rank = order?.rank[i] ?? 0;
    return {
      i,
      name: planner.nameOf(i),
      rank,
      score: rank > 0 ? (order?.score[i] ?? null) : null,
      values: planner.valuesOf(i),
      capacity: matrix.sites.capacity[i] ?? 0,
      lon: matrix.sites.lon[i] ?? 0,
      lat: matrix.sites.lat[i] ?? 0,
    };
  }

  #drawn(): Omit<Row, "id" | "letter"> | null {
    const drawn = this.asked.answer?.drawn ?? drawing.asked.answer;
    if (!drawn || !drawing.closed) return null;
    const { site, rank } = drawn;
    return {
      i: null,
      name: drawing.title,
      rank: rank ?? 0,
      score: rank === null ? null : site.score,
      values: planner.valuesIn(site),
      capacity: site.capacity,
      lon: site.lon,
      lat: site.lat,
    };
  }

  has(id: string): boolean {
    return this.sites.includes(id);
  }

  letter(id: string): string {
    return LETTERS[this.sites.indexOf(id)] ?? "";
  }

  toggle(id: string): void {
    if (this.has(id)) this.sites = this.sites.filter((other) => other !== id);
    else if (!this.full) this.sites = [...this.sites, id];
    if (this.sites.length === 0 && desk.work === "compare") desk.work = null;
  }

  /** Takes the sites of a link; gives those that are none. */
  take(ids: readonly string[]): string[] {
    const known = (id: string) => id === DRAWN || planner.rowOf(id) !== null;
    this.sites = ids.filter(known).slice(0, MOST_COMPARED);
    return ids.filter((id) => !known(id));
  }

  clear(): void {
    this.sites = [];
    this.asked.forget();
    if (desk.work === "compare") desk.work = null;
  }

  ask(ranking: string): void {
    const sites = this.rows.map(({ id }) => id);
    if (sites.length < 2) {
      this.asked.forget();
      return;
    }
    const others = sites.filter((id) => id !== DRAWN);
    const plot = others.length < sites.length ? drawing.onGround : null;
    void this.asked.ask([ranking, ...sites, JSON.stringify(plot)].join(" "), async (signal) => {
      const [answer, ...details] = await Promise.all([
        plot
          ? insight.drawn(ranking, plot, signal, others)
          : insight.compare(ranking, sites, signal).then((comparison) => ({ comparison, site: null })),
        ...others.map((id) => api.site(ranking, id)),
      ]);
      const all = answer.site ? [...details, answer.site] : details;
      return {
        // The server compares whatever it is given something to compare with.
        comparison: answer.comparison as Comparison,
        details: new Map(all.map((detail) => [detail.id, detail])),
        ...(answer.site ? { drawn: answer as Drawn } : {}),
      };
    });
  }
}

export const compared = new Compared();
