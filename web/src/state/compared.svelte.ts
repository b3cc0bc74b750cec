/** The two to four sites that are held against each other. */
import { api } from "../api/client";
import { insight, type Comparison } from "../api/insight";
import type { SiteDetail } from "../api/types";
import { Asked } from "./asked.svelte";
import { desk } from "./desk.svelte";
import { planner } from "./planner.svelte";

export const MOST_COMPARED = 4;
export const LETTERS = ["A", "B", "C", "D"] as const;

class Compared {
  /** Ids of the chosen sites, in the order of their letters. */
  sites = $state.raw<string[]>([]);
  asked = new Asked<{ comparison: Comparison; details: Map<string, SiteDetail> }>();

  get full(): boolean {
    return this.sites.length >= MOST_COMPARED;
  }

  /** Rows of the matrix, in the order of the letters; a site that the scenario no longer makes is left out. */
  get rows(): { i: number; id: string; letter: string }[] {
    return this.sites.flatMap((id, n) => {
      const i = planner.rowOf(id);
      return i === null ? [] : [{ i, id, letter: LETTERS[n] ?? "" }];
    });
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
    void this.asked.ask([ranking, ...sites].join(" "), async (signal) => {
      const [comparison, ...details] = await Promise.all([
        insight.compare(ranking, sites, signal),
        ...sites.map((id) => api.site(ranking, id)),
      ]);
      return { comparison, details: new Map(details.map((detail) => [detail.id, detail])) };
    });
  }
}

export const compared = new Compared();
