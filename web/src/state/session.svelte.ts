/** The session of whoever looks at the page: ended by them, or found to be over. */
import { getContext, setContext } from "svelte";

const MEMORY = "phteah.signed-out";
/** Who was led to the sign-in page and comes back within this time without a session is told instead of led there again. */
const SOON_MS = 10_000;

type Memory = Pick<Storage, "getItem" | "setItem">;

interface Surroundings {
  /** Until everything that was entered is kept. */
  kept: () => Promise<void>;
  /** Asks for this address again: the server answers with its sign-in page, which leads back here. */
  loadAgain: () => void;
  memory: Memory | null;
  now: () => number;
}

export class Session {
  /** The session is over, and loading the page again did not lead to the sign-in page. */
  over = $state(false);
  #leaving = false;
  readonly #around: Surroundings;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** The server has asked who is there. */
  async ended(): Promise<void> {
    if (this.#leaving || this.over) return;
    const { kept, loadAgain, memory, now } = this.#around;
    // Without a memory nothing would end a circle.
    if (!memory || now() - Number(memory.getItem(MEMORY) ?? 0) < SOON_MS) {
      this.over = true;
      return;
    }
    this.#leaving = true;
    await kept();
    memory.setItem(MEMORY, String(now()));
    loadAgain();
  }

  /** Signs out by this form, once everything that was entered is kept. */
  async leave(form: HTMLFormElement): Promise<void> {
    this.#leaving = true;
    await this.#around.kept();
    form.submit();
  }
}

const KEY = Symbol("session");

export function provideSession(session: Session): void {
  setContext(KEY, session);
}

export function useSession(): Session {
  return getContext<Session>(KEY);
}
