/** Which tabs of this browser have the page open. A tab keeps its id when it is loaded again. */

const CHANNEL = "phteah tabs";
const MEMORY = "phteah.tab";
/** A tab that is busy drawing answers late. Whoever is taken for closed by mistake loses nothing: see the draft store. */
const ANSWERS_WITHIN_MS = 300;

type Message =
  /** Who is there? From a page that may be the copy of a tab, and then has its id. */
  | { is: "asked"; tab: string; page: string }
  | { is: "here" | "gone"; tab: string; page: string }
  /** The drafts of a scenario have changed. */
  | { is: "wrote"; of: string };

/** Other pages of the same tab store hear what one of them says. */
export interface Channel {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
}

/** What outlives a reload of a tab, and is copied with it. */
type Memory = Pick<Storage, "getItem" | "setItem">;

export class Tabs {
  id: string;
  /** Tells this page from a copy of its tab. */
  readonly #page = newId();
  readonly #open = new Set<string>();
  readonly #channel: Channel | null;
  readonly #memory: Memory | null;
  /** Until the other tabs had time to answer. */
  readonly known: Promise<void>;
  /** Called when drafts of a scenario have changed elsewhere; null: a tab has come or gone. */
  onchange: (of: string | null) => void = () => undefined;

  constructor(channel: Channel | null, memory: Memory | null, within = ANSWERS_WITHIN_MS) {
    this.#channel = channel;
    this.#memory = memory;
    this.id = memory?.getItem(MEMORY) ?? newId();
    memory?.setItem(MEMORY, this.id);
    if (channel) channel.onmessage = ({ data }) => this.#hear(data as Message);
    this.#say({ is: "asked", tab: this.id, page: this.#page });
    this.known = channel ? new Promise((resolve) => setTimeout(resolve, within)) : Promise.resolve();
  }

  /** Whether another tab of this id is open. */
  isOpen(tab: string): boolean {
    return this.#open.has(tab);
  }

  /** Tells the other tabs that drafts of a scenario have changed. */
  wrote(of: string): void {
    this.#say({ is: "wrote", of });
  }

  /** The page is left. */
  leave(): void {
    this.#say({ is: "gone", tab: this.id, page: this.#page });
  }

  /** The page is there, or again after it was left. */
  greet(): void {
    this.#say({ is: "here", tab: this.id, page: this.#page });
  }

  #hear(message: Message): void {
    if (message.is === "wrote") return this.onchange(message.of);
    const { is, tab, page } = message;
    if (page === this.#page) return;
    if (is === "gone") {
      if (tab !== this.id) this.#open.delete(tab);
      return this.onchange(null);
    }
    if (is === "asked") this.greet();
    else if (tab === this.id) {
      // This page is the copy of a tab that is open: it needs an id of its own.
      this.#open.add(tab);
      this.id = newId();
      this.#memory?.setItem(MEMORY, this.id);
      this.greet();
      return;
    }
    if (tab === this.id || this.#open.has(tab)) return;
    this.#open.add(tab);
    this.onchange(null);
  }

  #say(message: Message): void {
    this.#channel?.postMessage(message);
  }
}

/** An id that nobody else makes. */
export function newId(): string {
  return [...crypto.getRandomValues(new Uint32Array(3))].map((part) => part.toString(36)).join("-");
}

/** The tabs of this browser; where it tells pages nothing of each other, every one believes to be alone. */
export function browserTabs(): Tabs {
  const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(CHANNEL);
  const tabs = new Tabs(channel, tabMemory());
  addEventListener("pagehide", () => tabs.leave());
  addEventListener("pageshow", ({ persisted }) => persisted && tabs.greet());
  return tabs;
}

/** What the browser remembers of this tab alone; null where it remembers nothing. */
export function tabMemory(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}
