/** How sure the order is: rank acceptability, other methods, and what is worth finding out. */
import { insight, type Comparison, type Draws, type Methods, type Robustness, type Unknowns } from "../api/insight";
import { Asked } from "./asked.svelte";
import { planner } from "./planner.svelte";

export type SureView = "ranks" | "lead" | "methods" | "unknowns";

/** Pairs of neighbours in the order that can be held against each other: the first and the second, the second and the third, … */
export const MOST_PAIRS = 9;

class Sureness {
  view = $state<SureView>("ranks");
  /** The draws behind the heat map. */
  draws = $state<Draws>("given");
  /** Around the planner's own weights: what the list says of each site. */
  given = new Asked<Robustness>();
  /** By the draws chosen above the heat map. */
  ranks = new Asked<Robustness>();
  methods = new Asked<Methods>();
  unknowns = new Asked<Unknowns>();
  /** Which pair of neighbours is looked at: 0 for the first and the second. */
  pair = $state(0);
  lead = new Asked<Comparison>();

  /** Ids of the pair's sites, the better first; null where there are not two. */
  get neighbours(): [string, string] | null {
    const { matrix } = planner;
    const [one, other] = planner.first(this.pair + 2).slice(this.pair);
    if (one === undefined || other === undefined || !matrix) return null;
    const ids = [matrix.sites.id[one], matrix.sites.id[other]];
    return ids[0] !== undefined && ids[1] !== undefined ? [ids[0], ids[1]] : null;
  }

  askGiven(ranking: string): void {
    void this.given.ask(ranking, (signal) => insight.robustness(ranking, "given", signal));
  }

  askView(ranking: string): void {
    const { draws } = this;
    if (this.view === "methods") void this.methods.ask(ranking, (signal) => insight.methods(ranking, signal));
    else if (this.view === "unknowns") void this.unknowns.ask(ranking, (signal) => insight.unknowns(ranking, signal));
    else if (this.view === "lead") this.#askLead(ranking);
    else if (draws === "given") this.askGiven(ranking);
    else void this.ranks.ask(`${ranking} ${draws}`, (signal) => insight.robustness(ranking, draws, signal));
  }

  #askLead(ranking: string): void {
    const sites = this.neighbours;
    if (sites) void this.lead.ask(`${ranking} ${sites.join()}`, (signal) => insight.compare(ranking, sites, signal));
  }

  /** What the heat map shows. */
  get shown(): Asked<Robustness> {
    return this.draws === "given" ? this.given : this.ranks;
  }

  /** In which share of plausible weightings site `i` is among the first; null while that is not known. */
  amongFirst(i: number): number | null {
    const { answer, fresh } = this.given;
    if (!answer || !fresh || answer.among_first.length !== planner.matrix?.excluded.length) return null;
    return answer.among_first[i] ?? null;
  }
}

export const sureness = new Sureness();
