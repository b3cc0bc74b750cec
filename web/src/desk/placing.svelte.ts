/** A proposal in the making: the decision, the sites, what the server answered, and to whom an offer is made. */
import { problemOf } from "../api/client";
import type { ApiProblem } from "../api/types";
import { desk as api, type DecisionSummary, type EventResult, type PlacedFamily, type Placement } from "./api";
import { event } from "./events";

class Placing {
  decisions = $state.raw<readonly DecisionSummary[] | null>(null);
  decision = $state.raw<DecisionSummary | null>(null);
  sites = $state.raw<readonly string[]>([]);
  proposal = $state.raw<Placement | null>(null);
  /** The site that is offered to a family: the proposed one, or another of its best three. */
  offers = $state.raw<Readonly<Record<string, string>>>({});
  results = $state.raw<readonly { family: PlacedFamily; result: EventResult }[]>([]);
  problem = $state.raw<ApiProblem | null>(null);
  busy = $state(false);

  async load(): Promise<void> {
    try {
      this.decisions = await api.decisions();
      const kept = this.decisions.find((one) => one.id === this.decision?.id);
      this.choose(kept ?? this.decisions[0] ?? null, kept !== undefined);
    } catch (cause) {
      this.problem = problemOf(cause);
    }
  }

  choose(decision: DecisionSummary | null, keep = false): void {
    this.decision = decision;
    if (!keep) {
      // The best ten: who wants others says so.
      this.sites = (decision?.sites ?? []).slice(0, 10).map((site) => site.id);
      this.proposal = null;
    }
  }

  toggle(site: string): void {
    this.sites = this.sites.includes(site) ? this.sites.filter((one) => one !== site) : [...this.sites, site];
  }

  async propose(households: readonly string[]): Promise<void> {
    if (!this.decision) return;
    this.busy = true;
    this.problem = null;
    this.results = [];
    try {
      const proposal = await api.propose({ decision: this.decision.id, households, sites: this.sites });
      this.proposal = proposal;
      this.offers = Object.fromEntries(
        proposal.families.flatMap((family) => (family.site && mayOffer(family) ? [[family.id, family.site]] : [])),
      );
    } catch (cause) {
      this.problem = problemOf(cause);
    }
    this.busy = false;
  }

  offer(family: string, site: string | null): void {
    const others = Object.entries(this.offers).filter(([id]) => id !== family);
    this.offers = Object.fromEntries(site ? [...others, [family, site]] : others);
  }

  /** Makes the offers. What another coordinator has given away meanwhile is refused, and told. */
  async make(): Promise<number> {
    const { proposal, decision } = this;
    if (!proposal || !decision) return 0;
    this.busy = true;
    this.problem = null;
    const families = proposal.families.filter((family) => this.offers[family.id] !== undefined);
    try {
      const results = await api.record(
        families.map((family) =>
          event(family.id, "offered", family.heads, { site: this.offers[family.id], decision: decision.id }),
        ),
      );
      this.results = families.flatMap((family, i) => {
        const result = results[i];
        return result ? [{ family, result }] : [];
      });
      const made = this.results.filter(({ result }) => result.status !== "refused").map(({ family }) => family.id);
      // Who has an offer now is not offered the same again.
      this.offers = Object.fromEntries(Object.entries(this.offers).filter(([family]) => !made.includes(family)));
      await this.load();
      return made.length;
    } catch (cause) {
      this.problem = problemOf(cause);
      return 0;
    } finally {
      this.busy = false;
    }
  }
}

/** Who waits for an answer, has accepted or lives at a site is not offered another in passing. */
export function mayOffer(family: Pick<PlacedFamily, "statuses">): boolean {
  return !family.statuses.some((status) =>
    ["offered", "accepted", "moved", "settled", "left", "merged"].includes(status),
  );
}

export const placing = new Placing();
