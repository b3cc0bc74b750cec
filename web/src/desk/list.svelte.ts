/** The list of households: what is asked for, what has come, and the views that this browser keeps. */
import { problemOf } from "../api/client";
import type { ApiProblem } from "../api/types";
import { desk as api, type ListRequest, type Listed, type Page } from "./api";
import { readViews, withoutPeople, writeViews, type View } from "./views";

export type Filter = Omit<ListRequest, "after" | "limit">;

/** What a filter asks for or not. */
export type Flag = "due" | "overdue" | "conflicts" | "referrals" | "silent" | "mine" | "unassigned";

const PAGE = 100;
/** The most that the server gives at once. */
const WHOLE_PAGE = 500;
/** The most families that are chosen at once. */
export const MOST_CHOSEN = 2000;
/** Who types on asks for something else: so long is waited. */
const TYPING_MS = 180;
const AGAIN_MS = 1500;

class List {
  filter = $state.raw<Filter>({});
  rows = $state.raw<readonly Listed[]>([]);
  total = $state(0);
  more = $state(false);
  busy = $state(false);
  reading = $state.raw<Page["reading"]>(null);
  problem = $state.raw<ApiProblem | null>(null);
  views = $state.raw<readonly View[]>([]);
  #abort: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Only this, and nothing of what was asked for before. */
  only(filter: Filter): void {
    this.filter = filter;
  }

  /** One thing more, or another. */
  change(change: Filter): void {
    this.filter = { ...this.filter, ...change };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.load(), change.text === undefined ? 0 : TYPING_MS);
  }

  /** Puts a word into one of the filter's lists, or takes it out. */
  toggle(part: "statuses" | "needs" | "areas" | "sites", word: string): void {
    const now = this.filter[part] ?? [];
    this.change({ [part]: now.includes(word) ? now.filter((one) => one !== word) : [...now, word] });
  }

  /** Asks for something, or no more. */
  flip(flag: Flag): void {
    const change: Filter = {};
    change[flag] = !this.filter[flag];
    this.change(change);
  }

  /** The ids of all that the filter finds, in its order, at most {@link MOST_CHOSEN}. */
  async everyId(): Promise<readonly string[]> {
    let ids: readonly string[] = [];
    for (;;) {
      const after = ids.at(-1);
      const limit = Math.min(WHOLE_PAGE, MOST_CHOSEN - ids.length);
      const page = await api.households({ ...this.filter, limit, ...(after ? { after } : {}) });
      ids = [...ids, ...page.households.map((one) => one.id)];
      if (!page.more || page.households.length === 0 || ids.length >= MOST_CHOSEN) return ids;
    }
  }

  /** From the beginning. */
  async load(): Promise<void> {
    await this.#ask(null);
  }

  /** The next page, where there is one and none is under way. */
  async next(): Promise<void> {
    const last = this.rows.at(-1);
    if (this.more && !this.busy && last) await this.#ask(last.id);
  }

  async #ask(after: string | null): Promise<void> {
    this.#abort?.abort();
    const abort = (this.#abort = new AbortController());
    this.busy = true;
    try {
      const page = await api.households({ ...this.filter, limit: PAGE, ...(after ? { after } : {}) }, abort.signal);
      if (abort.signal.aborted) return;
      this.rows = after ? [...this.rows, ...page.households] : page.households;
      this.total = page.total;
      this.more = page.more;
      this.reading = page.reading ?? null;
      this.problem = null;
      if (page.reading) this.#timer = setTimeout(() => void this.load(), AGAIN_MS);
    } catch (cause) {
      if (!abort.signal.aborted) this.problem = problemOf(cause);
    } finally {
      if (!abort.signal.aborted) this.busy = false;
    }
  }

  /** Nothing under way counts any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#abort?.abort();
    this.busy = false;
  }

  readViews(): void {
    this.views = readViews();
  }

  keep(name: string): void {
    const view = { name, filter: withoutPeople(this.filter) };
    this.views = writeViews([...this.views.filter((one) => one.name !== name), view]);
  }

  forget(name: string): void {
    this.views = writeViews(this.views.filter((one) => one.name !== name));
  }
}

export const list = new List();

/** Whether a filter asks for anything besides the order. */
export function narrows(filter: Filter): boolean {
  return Object.entries(filter).some(
    ([name, value]) => name !== "order" && (Array.isArray(value) ? value.length > 0 : Boolean(value)),
  );
}
