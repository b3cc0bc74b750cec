/** The scenarios that the server keeps: chosen, saved, copied, deleted. */
import { api, problemOf } from "../api/client";
import type { ApiProblem, KeptScenario, Scenario, Text } from "../api/types";
import { DEFAULT } from "./address";
import { connection } from "./connection.svelte";
import type { Draft } from "./draft.svelte";
import { drawing } from "./drawing.svelte";
import { planner } from "./planner.svelte";
import { tidied } from "./scenario-names";
import { scenarioEdit } from "./scenario-edit.svelte";

class Scenarios {
  kept = $state.raw<KeptScenario[]>([]);
  /** The server is writing or reading a scenario. */
  busy = $state(false);
  problem = $state.raw<ApiProblem | null>(null);
  #draft: Draft | null = null;

  current = $derived(this.kept.find(({ name }) => name === planner.name));
  /** What is on the table differs from what is kept. */
  changed = $derived(scenarioEdit.changed || planner.reweighted);

  /** Takes what the server keeps, which was asked for with the first map. */
  async start(draft: Draft): Promise<void> {
    this.#draft = draft;
    try {
      this.kept = await planner.kept;
    } catch (cause) {
      this.problem = problemOf(cause);
    }
  }

  /** Opens a scenario, with the work on it that was not saved; whether it is there. */
  async open(name: string): Promise<boolean> {
    return this.#busily(async () => {
      const { scenario, version } = await connection.steadily(() => api.scenario(name));
      const resumed = (await this.#draft?.open({ name, scenario, version })) ?? null;
      drawing.show(resumed?.plots ?? null);
      await Promise.all([planner.choose(name, scenario, resumed), drawing.load(name)]);
    });
  }

  /** Saves over the version that was opened; whether it worked. */
  async save(): Promise<boolean> {
    const { current } = this;
    const scenario = planner.present;
    if (!current || !scenario) return false;
    return this.#write(current.name, tidied(scenario), this.#draft?.version ?? current.version);
  }

  async saveCopy(name: string, title: Text): Promise<boolean> {
    const scenario = planner.present;
    return scenario ? this.#write(name, tidied({ ...scenario, title }), null) : false;
  }

  async #write(name: string, scenario: Scenario, version: string | null): Promise<boolean> {
    return this.#busily(async () => {
      const kept = await connection.steadily(() => api.saveScenario(name, scenario, version));
      this.kept = [...this.kept.filter((other) => other.name !== name), kept].sort((one, other) =>
        one.name < other.name ? -1 : 1,
      );
      const before = drawing.kept;
      await this.#draft?.saved(name, scenario, kept.version, before);
      planner.settle(name, scenario);
      // A copy takes its plots along.
      if (version === null && drawing.plots.length > 0) await drawing.keepAs(name);
      else if (drawing.changed) await drawing.keep(name);
    });
  }

  async remove(): Promise<void> {
    const { current } = this;
    if (!current) return;
    const removed = await this.#busily(async () => {
      await connection.steadily(() => api.deleteScenario(current.name, this.#draft?.version ?? current.version));
      await this.#draft?.deleted();
      this.kept = this.kept.filter(({ name }) => name !== current.name);
    });
    const next = this.kept.find(({ name }) => name === DEFAULT) ?? this.kept[0];
    if (removed && next) await this.open(next.name);
  }

  /** Back to what the server keeps now; undo leads to the changes again. */
  async undo(): Promise<void> {
    const { name } = planner;
    if (name === null) return;
    await this.#busily(async () => {
      const { scenario, version } = await connection.steadily(() => api.scenario(name));
      this.#draft?.revert(scenario, version);
    });
  }

  /** Whether it worked; what went wrong is told beside the scenario. */
  async #busily(work: () => Promise<void>): Promise<boolean> {
    this.busy = true;
    this.problem = null;
    try {
      await work();
    } catch (cause) {
      this.problem = problemOf(cause);
    } finally {
      this.busy = false;
    }
    return this.problem === null;
  }
}

export const scenarios = new Scenarios();
