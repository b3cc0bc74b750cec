/** Streets by name: the server knows them, so they come a moment after what the page itself finds. */
import { api } from "../api/client";
import type { Street } from "../api/types";

/** Nobody asks for a street by fewer letters. */
const LEAST = 2;
/** The server takes no longer names. */
const LONGEST = 100;
/** Long enough that a word is typed, short enough that nobody waits for it. */
const PAUSE_MS = 180;

export class StreetSearch {
  found = $state.raw<readonly Street[]>([]);
  /** An answer is on its way. */
  waiting = $state(false);
  /** The server could not be asked: that nothing was found must not be said then. */
  failed = $state(false);
  #asked = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #flight: AbortController | null = null;

  /** What is typed now. */
  ask(query: string): void {
    const name = query.trim().slice(0, LONGEST);
    if (name === this.#asked) return;
    this.#asked = name;
    clearTimeout(this.#timer);
    this.#flight?.abort();
    this.failed = false;
    this.waiting = name.length >= LEAST;
    // What was found for other letters must not be gone to by mistake.
    this.found = [];
    if (this.waiting) this.#timer = setTimeout(() => void this.#get(name), PAUSE_MS);
  }

  async #get(name: string): Promise<void> {
    const flight = (this.#flight = new AbortController());
    try {
      const found = await api.streets(name, flight.signal);
      if (flight.signal.aborted) return;
      this.found = found;
    } catch {
      if (flight.signal.aborted) return;
      this.found = [];
      this.failed = true;
      // The same may be asked again.
      this.#asked = "";
    }
    this.waiting = false;
  }
}
