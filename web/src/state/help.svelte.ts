/** The help page, and the line that greets whoever comes for the first time. */
import { getContext, setContext } from "svelte";

const MEMORY = "phteah.welcomed";

export class Help {
  /** Whether its page is open. */
  open = $state(false);
  /** Nobody has sent the greeting away yet. */
  welcoming = $state(false);

  /** Reads whether this browser was here before. */
  start(): void {
    try {
      this.welcoming = localStorage.getItem(MEMORY) === null;
    } catch {
      // A browser that stores nothing is greeted each time.
      this.welcoming = true;
    }
  }

  dismiss(): void {
    this.welcoming = false;
    try {
      localStorage.setItem(MEMORY, "1");
    } catch {
      // It is gone until the page is opened again.
    }
  }
}

const KEY = Symbol("help");

export function provideHelp(help: Help): void {
  setContext(KEY, help);
}

export function useHelp(): Help {
  return getContext<Help>(KEY);
}
