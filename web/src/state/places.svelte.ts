import { SvelteMap } from "svelte/reactivity";
import { api } from "../api/client";
import type { Matrix, Place, SiteSummary, Text } from "../api/types";

const PAGE = 500;
/** Names come with the site lists; a city's khans and sangkats are all met within a few pages. */
const MOST_PAGES = 20;

const distinct = (codes: (string | null)[]) => [...new Set(codes)].filter((code) => code !== null);

/** Names of khans and sangkats by code: the matrix carries codes only. */
export class Places {
  #names = new SvelteMap<string, Text>();

  name(code: string | null | undefined): Text | null {
    return (code && this.#names.get(code)) || null;
  }

  get all(): Place[] {
    return [...this.#names].map(([code, { en, km }]) => ({ code, en, km }));
  }

  async learn(ranking: string, matrix: Matrix): Promise<void> {
    const wanted = distinct([...matrix.sites.khan, ...matrix.sites.sangkat]);
    let after: string | null = null;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      if (wanted.every((code) => this.#names.has(code))) return;
      try {
        const { sites, next } = await api.sites(ranking, after, PAGE);
        for (const site of sites) this.remember(site);
        after = next;
      } catch {
        // Without names the list shows codes; the site card brings its own.
        return;
      }
      if (after === null) return;
    }
  }

  remember({ khan, sangkat }: Pick<SiteSummary, "khan" | "sangkat">): void {
    for (const place of [khan, sangkat]) {
      if (place && !this.#names.has(place.code)) this.#names.set(place.code, { en: place.en, km: place.km });
    }
  }
}
