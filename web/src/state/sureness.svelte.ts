/** How sure the order is: rank acceptability, other methods, and what is worth finding out. */
import { insight, type Draws, type Methods, type Robustness, type Unknowns } from "../api/insight";
import { Asked } from "./asked.svelte";
import { planner } from "./planner.svelte";

export type SureView = "ranks" | "methods" | "unknowns";

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

  askGiven(ranking: string): void {
    void this.given.ask(ranking, (signal) => insight.robustness(ranking, "given", signal));
  }

  askView(ranking: string): void {
    const { draws } = this;
    if (this.view === "methods") void this.methods.ask(ranking, (signal) => insight.methods(ranking, signal));
    else if (this.view === "unknowns") void this.unknowns.ask(ranking, (signal) => insight.unknowns(ranking, signal));
    else if (draws === "given") this.askGiven(ranking);
    else void this.ranks.ask(`${ranking} ${draws}`, (signal) => insight.robustness(ranking, draws, signal));
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
