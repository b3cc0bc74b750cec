/** Something that is loaded: what came, what went wrong, and again. */
import { problemOf } from "../api/client";
import type { ApiProblem } from "../api/types";

/** While the server reads its households, it is asked again after so long. */
const AGAIN_MS = 1500;

export class Loading<T> {
  value = $state.raw<T | null>(null);
  problem = $state.raw<ApiProblem | null>(null);
  busy = $state(false);
  #turn = 0;
  #load: () => Promise<T>;

  constructor(load: () => Promise<T>) {
    this.#load = load;
  }

  /** Loads it; of several at once the last one counts. */
  async again(): Promise<void> {
    const turn = ++this.#turn;
    this.busy = true;
    try {
      const value = await this.#load();
      if (turn !== this.#turn) return;
      this.value = value;
      this.problem = null;
      if (isReading(value)) setTimeout(() => turn === this.#turn && void this.again(), AGAIN_MS);
    } catch (cause) {
      if (turn === this.#turn) this.problem = problemOf(cause);
    } finally {
      if (turn === this.#turn) this.busy = false;
    }
  }

  /** Nothing that is still under way counts any more. */
  stop(): void {
    this.#turn++;
  }
}

function isReading(value: unknown): boolean {
  return typeof value === "object" && value !== null && "reading" in value && value.reading !== null;
}
