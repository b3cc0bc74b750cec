/** What the card of a site asks for beyond its numbers: the ways to services, and the floods. */
import { insight, type Flood, type Route } from "../api/insight";
import { Asked } from "./asked.svelte";

class Ways {
  /** Whether the ways of the open site lie on the map; remembered from site to site. */
  visible = $state(true);
}

export const ways = new Ways();

/** For one card. */
export class SiteAnswers {
  routes = new Asked<Route[]>();
  flood = new Asked<Flood>();

  ask(ranking: string, site: string): void {
    // Neither depends on the weights: the answer of the ranking on the map holds for every other weighting of it.
    void this.routes.ask(`${ranking} ${site}`, (signal) => insight.routes(ranking, site, signal));
    void this.flood.ask(`${ranking} ${site}`, (signal) => insight.flood(ranking, site, signal));
  }

  forget(): void {
    this.routes.forget();
    this.flood.forget();
  }
}
