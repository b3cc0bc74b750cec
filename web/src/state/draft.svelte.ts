/** What a planner works on but has not saved: kept in the browser, every step of it can be taken back. */
import { getContext, setContext } from "svelte";
import type { Scenario } from "../api/types";
import { normalised } from "../ranking/shares";
import type { DraftStore } from "./draft-store";
import { begun, changed, redone, undone, type History } from "./history";
import type { Plot } from "./plots";

/** Everything about a scenario that a planner can change. */
export interface Snapshot {
  readonly scenario: Scenario;
  /** Shares of the weights by criterion. */
  readonly shares: Readonly<Record<string, number>>;
  /** Criteria whose weights are locked. */
  readonly locked: readonly string[];
  /** Null: as the server keeps them. */
  readonly plots: readonly Plot[] | null;
}

/** What the page shows a snapshot of, and can be put back to. */
export interface Desk {
  snapshot(): Snapshot | null;
  restore(snapshot: Snapshot): void;
}

/** The form of a kept draft; drafts of another form are not understood and are left alone. */
const FORM = 1;

interface Kept {
  form: typeof FORM;
  /** Of the scenario as it was opened: whoever saved meanwhile is not overwritten. */
  version: string | null;
  base: Snapshot;
  history: History<Snapshot>;
}

/** A scenario as the server gave it. */
export interface Opened {
  name: string;
  scenario: Scenario;
  version: string | null;
}

export class Draft {
  #store: DraftStore;
  #desk: Desk | null = null;
  #name = "";
  /** Names the deployment: another one at the same address has other drafts. */
  #deployment = "";
  #history = $state.raw<History<Snapshot> | null>(null);
  #base = $state.raw<Snapshot | null>(null);
  /** The version of the scenario that the draft was begun from. */
  version = $state.raw<string | null>(null);
  /** The browser keeps nothing: what is not saved would be lost with the page. */
  unkept = $state(false);
  /** What is on the screen was not saved when the page was left the last time. */
  resumed = $state(false);
  #writing: Promise<void> | null = null;
  #again = false;

  /** As it stands. */
  get now(): Snapshot | null {
    return this.#history?.now ?? null;
  }

  canUndo = $derived((this.#history?.past.length ?? 0) > 0);
  canRedo = $derived((this.#history?.future.length ?? 0) > 0);
  /** The scenario as it was opened or saved last. */
  base = $derived(this.#base?.scenario ?? null);

  constructor(store: DraftStore) {
    this.#store = store;
  }

  /** What the steps are taken on. */
  attach(desk: Desk): void {
    this.#desk = desk;
  }

  of(deployment: string): void {
    this.#deployment = deployment;
  }

  get #key(): string {
    return JSON.stringify([this.#deployment, this.#name]);
  }

  /** Begins with a scenario as the server gave it, or goes on where the browser left off; gives what to show then. */
  async open({ name, scenario, version }: Opened): Promise<Snapshot | null> {
    await this.flushed();
    const key = JSON.stringify([this.#deployment, name]);
    const kept = await this.#read(key);
    this.#name = name;
    // A draft without changes must not hide what somebody else has saved since.
    if (kept && (isChanged(kept) || kept.version === version)) {
      this.version = kept.version;
      this.#base = kept.base;
      this.#history = kept.history;
      this.resumed = isChanged(kept);
      return kept.history.now;
    }
    this.version = version;
    this.#base = asOpened(scenario);
    this.#history = begun(this.#base);
    this.resumed = false;
    return null;
  }

  async #read(key: string): Promise<Kept | null> {
    try {
      const read = await this.#store.read(key);
      return isKept(read) ? read : null;
    } catch (cause) {
      console.warn("No draft can be read from this browser.", cause);
      this.unkept = true;
      return null;
    }
  }

  /** Something of `what` was changed on the screen. */
  record(what: string): void {
    const now = this.#desk?.snapshot();
    if (!now || !this.#history) return;
    this.#history = changed(this.#history, now, what, performance.now());
    this.#keep();
  }

  undo(): void {
    this.#go(undone);
  }

  redo(): void {
    this.#go(redone);
  }

  #go(step: (history: History<Snapshot>) => History<Snapshot>): void {
    if (!this.#history) return;
    const next = step(this.#history);
    if (next === this.#history) return;
    this.#history = next;
    this.#desk?.restore(next.now);
    this.#keep();
  }

  /** Back to a scenario as the server has it now; the way back to the changes stays open. */
  revert(scenario: Scenario, version: string | null): void {
    if (!this.#history) return;
    const base = { ...asOpened(scenario), plots: this.#history.now.plots };
    this.#base = base;
    this.version = version;
    this.#history = changed(this.#history, base, "revert", performance.now());
    this.#desk?.restore(base);
    this.resumed = false;
    this.#keep();
  }

  /** What is on the screen is what the server keeps now, under this name. `plots`: those kept until now. */
  async saved(name: string, scenario: Scenario, version: string, plots: readonly Plot[]): Promise<void> {
    if (!this.#history) return;
    if (name !== this.#name) {
      await this.flushed();
      await this.#forget();
      this.#name = name;
    }
    const base = { ...this.#history.now, scenario };
    this.#base = base;
    this.version = version;
    this.resumed = false;
    const settled = (snapshot: Snapshot) => (snapshot.plots ? snapshot : { ...snapshot, plots });
    const { past, future } = this.#history;
    this.#history = { past: past.map(settled), now: base, future: future.map(settled), last: null };
    this.#keep();
  }

  async #forget(): Promise<void> {
    await this.#store.forget(this.#key).catch(() => {
      // Nothing of it is left to lose.
    });
  }

  /** The scenario was deleted: its draft goes with it. */
  async deleted(): Promise<void> {
    await this.flushed();
    await this.#forget();
    this.#history = this.#base = null;
  }

  /** Writes the draft; while one is being written, once more afterwards. */
  #keep(): void {
    if (this.#writing) {
      this.#again = true;
      return;
    }
    this.#writing = this.#write().finally(() => {
      this.#writing = null;
      if (!this.#again) return;
      this.#again = false;
      this.#keep();
    });
  }

  async #write(): Promise<void> {
    const [history, base] = [this.#history, this.#base];
    if (!history || !base) return;
    const kept: Kept = { form: FORM, version: this.version, base, history };
    try {
      if (history.past.length === 0 && history.future.length === 0) await this.#store.forget(this.#key);
      else await this.#store.write(this.#key, kept);
      this.unkept = false;
    } catch (cause) {
      console.warn("This browser keeps no drafts.", cause);
      this.unkept = true;
    }
  }

  /** Until everything is written. */
  async flushed(): Promise<void> {
    while (this.#writing) await this.#writing;
  }
}

function asOpened(scenario: Scenario): Snapshot {
  const shares = normalised(scenario.criterion.map(({ weight }) => weight));
  return {
    scenario,
    shares: Object.fromEntries(scenario.criterion.map(({ id }, n) => [id, shares[n] ?? 0])),
    locked: [],
    plots: null,
  };
}

/** A share that differs by less than this is the same. */
const SAME_SHARE = 5e-4;

function isChanged({ base, history: { now } }: Kept): boolean {
  const moved = Object.entries(now.shares).some(([id, share]) => Math.abs(share - (base.shares[id] ?? 0)) > SAME_SHARE);
  return moved || now.scenario !== base.scenario || (now.plots !== null && now.plots !== base.plots);
}

function isKept(read: unknown): read is Kept {
  if (typeof read !== "object" || read === null) return false;
  const { form, base, history } = read as Partial<Kept>;
  const isSnapshot = (one: Partial<Snapshot> | undefined) => Array.isArray(one?.scenario?.criterion) && !!one?.shares;
  return form === FORM && isSnapshot(base) && isSnapshot(history?.now) && Array.isArray(history?.past);
}

const KEY = Symbol("draft");

export function provideDraft(draft: Draft): void {
  setContext(KEY, draft);
}

export function useDraft(): Draft {
  return getContext<Draft>(KEY);
}
