/** Edits of the scenario on the table, and the mistakes that the server found in it, each beside its field. */
import { locale } from "../i18n/locale.svelte";
import type {
  Criterion,
  Goal,
  Scenario,
  ScenarioCriterion,
  ScenarioExclusion,
  ScenarioMove,
  ScenarioOrder,
  ValueFunction,
} from "../api/types";
import { directionOf, mirrored } from "../ranking/value-function";
import { planner } from "./planner.svelte";

/** A limit, and whether it counts. One that was switched off stays in the scenario with all that was typed. */
export interface Switched {
  limit: ScenarioExclusion;
  on: boolean;
}

class ScenarioEdit {
  /** In the order in which they stand in the panel. */
  limits = $derived<Switched[]>(
    (planner.scenario?.exclusion ?? []).map((limit) => ({ limit, on: limit.off !== true })),
  );

  /** What differs from the scenario as it was chosen, weights aside. */
  changed = $derived(planner.opened !== null && planner.scenario !== planner.opened);

  criterion(id: string): ScenarioCriterion | undefined {
    return planner.scenario?.criterion.find((criterion) => criterion.id === id);
  }

  /** The value function as it was before it was edited. */
  originalOf(id: string): ValueFunction | null {
    return planner.opened?.criterion.find((criterion) => criterion.id === id)?.value ?? null;
  }

  /** `what` is edited: the moves of one drag, and what is typed at a stretch, are one step for undo. */
  #edit(what: string, change: (scenario: Scenario) => Scenario): void {
    const { scenario } = planner;
    if (scenario) planner.edit(change(scenario), what);
  }

  /** A function that goes one way states its goal; one that does both keeps the goal that it has. */
  setValue({ id, goal }: Pick<Criterion, "id" | "goal">, value: ValueFunction): void {
    this.#edit(`value ${id}`, (scenario) => ({
      ...scenario,
      criterion: scenario.criterion.map((criterion) =>
        criterion.id === id ? { ...criterion, value, goal: directionOf(value) ?? criterion.goal ?? goal } : criterion,
      ),
    }));
  }

  setGoal(id: string, goal: Goal): void {
    this.#edit(`goal ${id}`, (scenario) => ({
      ...scenario,
      criterion: scenario.criterion.map((criterion) => {
        if (criterion.id !== id) return criterion;
        const turned = directionOf(criterion.value) === goal ? criterion.value : mirrored(criterion.value);
        return { ...criterion, goal, value: turned };
      }),
    }));
  }

  setOrder(order: ScenarioOrder): void {
    this.#edit("order", (scenario) => ({ ...scenario, order }));
  }

  setMethod(method: string): void {
    this.#edit("method", (scenario) => ({ ...scenario, method }));
  }

  setSettlements(settlements: "all" | string[]): void {
    this.#edit(`move ${settlements.length}`, (scenario) => {
      const move: ScenarioMove = { ...scenario.move, settlements };
      return { ...scenario, move };
    });
  }

  setLimit(id: string, next: ScenarioExclusion): void {
    this.#setLimits(`limit ${id}`, (limits) => limits.map((limit) => (limit.id === id ? next : limit)));
  }

  addLimit(limit: ScenarioExclusion): void {
    this.#setLimits(`add ${limit.id}`, (limits) => [...limits, limit]);
  }

  removeLimit(id: string): void {
    this.#setLimits(`remove ${id}`, (limits) => limits.filter((limit) => limit.id !== id));
  }

  switchLimit(id: string, on: boolean): void {
    const switched = (limit: ScenarioExclusion) => {
      const rest = { ...limit };
      delete rest.off;
      return on ? rest : { ...rest, off: true as const };
    };
    this.#setLimits(`switch ${id} ${on}`, (limits) =>
      limits.map((limit) => (limit.id === id ? switched(limit) : limit)),
    );
  }

  #setLimits(what: string, change: (limits: ScenarioExclusion[]) => ScenarioExclusion[]): void {
    this.#edit(what, (scenario) => ({ ...scenario, exclusion: change(scenario.exclusion ?? []) }));
  }

  /** The server's complaints about a criterion's field (`value.points[1]`), or about anything below it. */
  aboutCriterion(id: string, field: string): string[] {
    const n = planner.scenario?.criterion.findIndex((criterion) => criterion.id === id) ?? -1;
    return n < 0 ? [] : this.about(`criterion[${n}].${field}`);
  }

  aboutLimit(id: string): string[] {
    const n = planner.scenario?.exclusion?.findIndex((limit) => limit.id === id) ?? -1;
    return n < 0 ? [] : this.about(`exclusion[${n}]`);
  }

  /** Complaints about the field of this path or what lies below it. */
  about(path: string): string[] {
    const below = (field: string) => field.startsWith(path) && /^($|[.[])/.test(field.slice(path.length));
    return (planner.problem?.details ?? []).filter(({ field }) => below(field)).map((detail) => locale.said(detail));
  }
}

export const scenarioEdit = new ScenarioEdit();
