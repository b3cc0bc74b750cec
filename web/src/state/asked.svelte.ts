/** A question to the server about the ranking as it stands. */
import { untrack } from "svelte";
import { problemOf } from "../api/client";
import type { ApiProblem } from "../api/types";
import { planner } from "./planner.svelte";

/** Id of the ranking that the server has confirmed; null while weights or the scenario move. */
export function confirmed(): string | null {
  return planner.confirmation === "confirmed" ? (planner.ranking?.id ?? null) : null;
}

/**
 * Asked again when its key changes. Until the new answer is there, the old one stays to be looked at; `fresh` says
 * whether it still answers the question.
 */
export class Asked<T> {
  answer = $state.raw<T | null>(null);
  problem = $state.raw<ApiProblem | null>(null);
  waiting = $state(false);
  #key = $state<string | null>(null);
  #answered = $state<string | null>(null);
  #flight: AbortController | null = null;

  get fresh(): boolean {
    return this.answer !== null && this.#key === this.#answered;
  }

  /** `key` names everything that the answer depends on; the same question is not asked twice. */
  ask(key: string, work: (signal: AbortSignal) => Promise<T>): Promise<void> {
    // Whoever asks from within an effect must not be asked again by the answer.
    return untrack(() => this.#ask(key, work));
  }

  async #ask(key: string, work: (signal: AbortSignal) => Promise<T>): Promise<void> {
    if (key === this.#key) return;
    this.#flight?.abort();
    const flight = (this.#flight = new AbortController());
    this.#key = key;
    this.waiting = true;
    this.problem = null;
    try {
      const answer = await planner.remembered(() => work(flight.signal));
      if (flight.signal.aborted) return;
      this.answer = answer;
      this.#answered = key;
    } catch (cause) {
      if (flight.signal.aborted) return;
      this.problem = problemOf(cause);
    }
    this.waiting = false;
  }

  /** Takes question and answer back, so that it can be asked again. */
  forget(): void {
    this.#flight?.abort();
    this.#key = this.#answered = null;
    this.answer = this.problem = null;
    this.waiting = false;
  }
}
