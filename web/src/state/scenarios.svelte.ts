/** The scenarios that the server keeps: chosen, saved, copied, deleted. */
import { api, Refused } from "../api/client";
import type { ApiProblem, KeptScenario, Scenario, Text } from "../api/types";
import { writeAddress } from "./address";
import { connection } from "./connection.svelte";
import { locale } from "../i18n/locale.svelte";
import { drawing } from "./drawing.svelte";
import { mapLink } from "./map-link.svelte";
import { planner } from "./planner.svelte";
import { tidied } from "./scenario-names";
import { scenarioEdit } from "./scenario-edit.svelte";

class Scenarios {
  kept = $state.raw<KeptScenario[]>([]);
  /** The server is writing or reading a scenario. */
  busy = $state(false);
  problem = $state.raw<ApiProblem | null>(null);

  current = $derived(this.kept.find(({ name }) => name === planner.name));
  /** What is on the table differs from what is kept. */
  changed = $derived(scenarioEdit.changed || planner.reweighted);

  /** Takes what the server keeps, which was asked for with the first map. */
  async start(): Promise<void> {
    try {
      this.kept = await planner.kept;
    } catch (cause) {
      this.problem = problemOf(cause);
    }
  }

  async open(name: string): Promise<void> {
    this.busy = true;
    this.problem = null;
    try {
      const scenario = await connection.steadily(() => api.scenario(name));
      scenarioEdit.forget();
      await planner.choose(name, scenario);
    } catch (cause) {
      this.problem = problemOf(cause);
    } finally {
      this.busy = false;
    }
  }

  /** Saves over the version that was opened; whether it worked. */
  async save(): Promise<boolean> {
    const { current } = this;
    const scenario = planner.present;
    if (!current || !scenario) return false;
    return this.#write(current.name, tidied(scenario), current.version);
  }

  async saveCopy(name: string, title: Text): Promise<boolean> {
    const scenario = planner.present;
    return scenario ? this.#write(name, tidied({ ...scenario, title }), null) : false;
  }

  async #write(name: string, scenario: Scenario, version: string | null): Promise<boolean> {
    this.busy = true;
    this.problem = null;
    try {
      const kept = await connection.steadily(() => api.saveScenario(name, scenario, version));
      this.kept = [...this.kept.filter((other) => other.name !== name), kept].sort((one, other) =>
        one.name < other.name ? -1 : 1,
      );
      scenarioEdit.forget();
      planner.settle(name, scenario);
      return true;
    } catch (cause) {
      this.problem = problemOf(cause);
      return false;
    } finally {
      this.busy = false;
    }
  }

  async remove(): Promise<void> {
    const { current } = this;
    if (!current) return;
    this.busy = true;
    this.problem = null;
    try {
      await connection.steadily(() => api.deleteScenario(current.name, current.version));
      this.kept = this.kept.filter(({ name }) => name !== current.name);
      const next = this.kept.find(({ name }) => name === "default") ?? this.kept[0];
      if (next) await this.open(next.name);
    } catch (cause) {
      this.problem = problemOf(cause);
    } finally {
      this.busy = false;
    }
  }

  /** Back to what is kept. */
  async undo(): Promise<void> {
    if (planner.name !== null) await this.open(planner.name);
  }

  /** The address of what is on the screen now, scenario and weights included. */
  link(): string {
    const { chosen, matrix, name: scenario, asLink: weights } = planner;
    const site = chosen === null ? null : (matrix?.sites.id[chosen] ?? null);
    const hash = writeAddress({
      lang: locale.lang,
      view: mapLink.map?.view ?? null,
      site,
      scenario,
      weights,
      plot: drawing.asLink,
    });
    return location.origin + location.pathname + hash;
  }
}

function problemOf(cause: unknown): ApiProblem {
  if (cause instanceof Refused) return cause.problem;
  return { code: "page_error", message: cause instanceof Error ? cause.message : String(cause) };
}

export const scenarios = new Scenarios();
