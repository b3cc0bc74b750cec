/** How long to wait after wrong PINs: five are free, then ever longer. */

export interface Tries {
  wrong: number;
  /** When the last try was, by the phone's clock. */
  last: number;
}

export const FREE = 5;
const FIRST_MS = 30_000;
const MOST_MS = 3_600_000;

/** Milliseconds until the next try. A clock that was set back starts the wait anew. */
export function waitOf({ wrong, last }: Tries, now: number): number {
  if (wrong < FREE) return 0;
  const wait = Math.min(MOST_MS, FIRST_MS * 2 ** (wrong - FREE));
  return now < last ? wait : Math.max(0, last + wait - now);
}

/**
 * Where tries are counted while the database takes nothing more: a full phone must open with the right PIN, and must not make guessing
 * free. What stands here counts in place of what stands in the database.
 */
export interface SpareTries {
  read(worker: string): Tries | null;
  write(worker: string, tries: Tries): void;
  clear(worker: string): void;
}

const PREFIX = "phteah-field.tries.";

/** The browser's small store, which has a room of its own, and the page's memory where that is full too. */
class BrowserTries implements SpareTries {
  readonly #memory = new Map<string, Tries>();

  read(worker: string): Tries | null {
    const own = this.#memory.get(worker);
    if (own) return own;
    try {
      const kept = JSON.parse(localStorage.getItem(PREFIX + worker) ?? "null") as Partial<Tries> | null;
      return typeof kept?.wrong === "number" && typeof kept.last === "number"
        ? { wrong: kept.wrong, last: kept.last }
        : null;
    } catch {
      return null;
    }
  }

  write(worker: string, tries: Tries): void {
    this.#memory.set(worker, tries);
    try {
      localStorage.setItem(PREFIX + worker, JSON.stringify(tries));
    } catch {
      // As long as the page is open it is counted in memory.
    }
  }

  clear(worker: string): void {
    this.#memory.delete(worker);
    try {
      localStorage.removeItem(PREFIX + worker);
    } catch {
      // A browser that stores nothing has nothing to clear.
    }
  }
}

export const browserTries: SpareTries = new BrowserTries();
