/** Why sites are excluded, or may have to be. The matrix only says that they are; the reasons come where one looks. */
import { SvelteMap } from "svelte/reactivity";
import { api } from "../api/client";
import type { SiteSummary } from "../api/types";
import { confirmed } from "./asked.svelte";
import { planner } from "./planner.svelte";

type Reason = SiteSummary["excluded"];

const PAGE = 100;

class Reasons {
  #known = new SvelteMap<string, Reason>();
  #ranking = "";
  #asking = false;

  of(id: string): Reason {
    return this.#known.get(id) ?? [];
  }

  /** Makes sure of the reasons of the rows on the screen, whatever order the list has. */
  async learn(rows: readonly number[]): Promise<void> {
    const { matrix, order } = planner;
    const ranking = confirmed();
    if (!matrix || !order || ranking === null || this.#asking) return;
    if (ranking !== this.#ranking) {
      this.#known.clear();
      this.#ranking = ranking;
    }
    const missing = rows.find((i) => matrix.excluded[i] !== 0 && !this.#known.has(matrix.sites.id[i] ?? ""));
    if (missing === undefined) return;
    const before = order.order[order.order.indexOf(missing) - 1];
    const after = before === undefined ? null : (matrix.sites.id[before] ?? null);
    this.#asking = true;
    try {
      const { sites } = await planner.remembered(() => api.sites(ranking, after, PAGE));
      for (const { id, excluded } of sites) this.#known.set(id, excluded);
    } catch {
      // The row still says that the site is excluded, and its card says why.
      for (const i of rows) this.#known.set(matrix.sites.id[i] ?? "", []);
    } finally {
      this.#asking = false;
    }
  }
}

export const reasons = new Reasons();
