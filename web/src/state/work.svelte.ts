/** What the server is doing while somebody waits for it. */
import { api } from "../api/client";
import type { WorkStep } from "../api/types";

/** Shorter waits need no explanation. */
const AFTER_MS = 800;
const EVERY_MS = 700;

class Work {
  /** The wait has become long enough to speak of. */
  long = $state(false);
  step = $state.raw<WorkStep | null>(null);

  /** Watches until the answer is called. */
  watch(): () => void {
    let over = false;
    let next: ReturnType<typeof setTimeout> | undefined;
    const look = async () => {
      this.long = true;
      try {
        const [step] = await api.work();
        // A server that has nothing to tell is about to answer: what it said last stays.
        if (!over && step) this.step = step;
      } catch {
        // Whether the server answers is told elsewhere.
      }
      if (!over) next = setTimeout(() => void look(), EVERY_MS);
    };
    next = setTimeout(() => void look(), AFTER_MS);
    return () => {
      over = true;
      clearTimeout(next);
      this.long = false;
      this.step = null;
    };
  }
}

export const work = new Work();
