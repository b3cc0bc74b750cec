/** Whether the server answers. Requests that met silence wait here until it is back. */
import { api, Unreachable } from "../api/client";

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 10_000;

class Connection {
  gone = $state(false);
  #back: Promise<void> | null = null;

  /** Does `work`, and does it again when the server was away and has come back. Other failures pass through. */
  async steadily<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (cause) {
        if (!(cause instanceof Unreachable)) throw cause;
        await this.#untilBack();
      }
    }
  }

  #untilBack(): Promise<void> {
    this.gone = true;
    this.#back ??= this.#knock().finally(() => {
      this.#back = null;
      this.gone = false;
    });
    return this.#back;
  }

  async #knock(): Promise<void> {
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 1.5, LONGEST_WAIT_MS)) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      try {
        await api.health();
        return;
      } catch (cause) {
        if (!(cause instanceof Unreachable)) return;
      }
    }
  }
}

export const connection = new Connection();
