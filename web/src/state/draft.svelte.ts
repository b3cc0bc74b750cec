/** What a planner works on but has not saved: kept in the browser, every step of it can be taken back. */
import { getContext, setContext } from "svelte";
import type { Scenario } from "../api/types";
import { normalised } from "../ranking/shares";
import { draftKey, draftsOf, type DraftStore, type StoredDraft } from "./draft-store";
import { begun, changed, redone, undone, type History } from "./history";
import type { Plot } from "./plots";
import { newId, type Tabs } from "./tabs";

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

interface SiteReason {
  readonly site: string;
  readonly reason: string;
}

/** What is written in the form of a decision, until it has become a record. */
export interface DecisionText {
  readonly decidedBy: string;
  readonly notes: string;
  /** Sites that were chosen, and sites that were taken or left against the order. */
  readonly chosen: readonly SiteReason[];
  readonly overrides: readonly SiteReason[];
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
  /** Drafts that were written before there was any have none. */
  decision?: DecisionText | null;
}

/** Changes of the same scenario that are kept beside those of this tab. */
export interface OtherDraft {
  readonly stored: StoredDraft;
  /** Whether the tab that makes them is open. */
  readonly open: boolean;
}

/** A scenario as the server gave it. */
export interface Opened {
  name: string;
  scenario: Scenario;
  version: string | null;
}

export class Draft {
  #store: DraftStore;
  #tabs: Tabs;
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
  /** What other tabs, or this one in an earlier life, have changed in the scenario and not saved. */
  others = $state.raw<readonly OtherDraft[]>([]);
  /** Drafts that the planner has seen and wants left alone. */
  #passed: readonly string[] = [];
  /** The text of the decision, as it was typed last. */
  decision: DecisionText | null = null;
  /** Where this tab writes; null before a scenario is open. */
  #key: string | null = null;
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

  constructor(store: DraftStore, tabs: Tabs) {
    this.#store = store;
    this.#tabs = tabs;
    tabs.onchange = (of) => {
      if (this.#key !== null && (of === null || of === this.#of)) void this.#lookAround();
    };
  }

  /** What the steps are taken on. */
  attach(desk: Desk): void {
    this.#desk = desk;
  }

  of(deployment: string): void {
    this.#deployment = deployment;
  }

  get #of(): string {
    return draftsOf(this.#deployment, this.#name);
  }

  /** Begins with a scenario as the server gave it, or goes on where the browser left off; gives what to show then. */
  async open({ name, scenario, version }: Opened): Promise<Snapshot | null> {
    await this.flushed();
    const of = draftsOf(this.#deployment, name);
    const found = await this.#found(of, version);
    const kept = found && (found.draft as Kept);
    this.#name = name;
    this.#key = found?.key ?? draftKey(of, newId());
    this.decision = kept?.decision ?? null;
    // A draft without changes must not hide what somebody else has saved since.
    const goesOn = kept !== null && (isChanged(kept) || kept.version === version);
    this.version = goesOn ? kept.version : version;
    this.#base = goesOn ? kept.base : asOpened(scenario);
    this.#history = goesOn ? kept.history : begun(this.#base);
    this.resumed = goesOn && isChanged(kept);
    void this.#lookAround();
    return goesOn ? kept.history.now : null;
  }

  /** The draft of this tab, or one that no open tab works on, which becomes this tab's own. Null: there is none. */
  async #found(of: string, version: string | null): Promise<StoredDraft | null> {
    const all = await this.#read(of);
    if (all.some(({ owner }) => owner !== null)) await this.#tabs.known;
    const { id } = this.#tabs;
    const own = all.find(({ owner }) => owner === id);
    if (own) return own;
    for (const stored of all) {
      const kept = stored.draft as Kept;
      if (this.#isOpen(stored) || (!isWorth(kept) && kept.version !== version)) continue;
      if (await this.#store.take(stored, id).catch(() => false)) return stored;
    }
    return null;
  }

  #isOpen({ owner }: StoredDraft): boolean {
    return owner !== null && this.#tabs.isOpen(owner);
  }

  /** All drafts of a scenario that can be understood. */
  async #read(of: string): Promise<StoredDraft[]> {
    try {
      return (await this.#store.all(of)).filter(({ draft }) => isKept(draft));
    } catch (cause) {
      console.warn("No draft can be read from this browser.", cause);
      this.unkept = true;
      return [];
    }
  }

  /** Finds out what is kept of the scenario beside the draft of this tab. */
  async #lookAround(): Promise<void> {
    const of = this.#of;
    const all = await this.#read(of);
    if (of !== this.#of) return;
    this.others = all
      .filter(({ key, draft }) => key !== this.#key && !this.#passed.includes(key) && isWorth(draft as Kept))
      .map((stored) => ({ stored, open: this.#isOpen(stored) }));
  }

  /** Shows another draft in place of this one, as a step that can be taken back. The tab that makes it goes on with its own. */
  async takeOver({ stored, open }: OtherDraft): Promise<void> {
    if (!this.#history) return;
    const { history, version, decision } = stored.draft as Kept;
    // Saved over the version that they were made on, or over none: what others saved meanwhile is not overwritten.
    this.version = version;
    this.decision ??= decision ?? null;
    const now = this.#asBase(history.now);
    this.#history = changed(this.#history, now, "taken over", performance.now());
    this.#desk?.restore(now);
    this.#keep();
    await this.flushed();
    // A draft of nobody has come here; one of an open tab is seen, and its further changes are its own.
    if (open) this.pass({ stored, open });
    else await this.forget({ stored, open });
  }

  /** A snapshot whose scenario is the one that was opened, where it says the same. */
  #asBase(snapshot: Snapshot): Snapshot {
    const scenario = this.#base?.scenario;
    const same = JSON.stringify(scenario) === JSON.stringify(snapshot.scenario);
    return scenario && same ? { ...snapshot, scenario } : snapshot;
  }

  /** Forgets another draft. */
  async forget({ stored }: OtherDraft): Promise<void> {
    await this.#store.forget(stored.key, stored.owner).catch(() => {
      // It is told of again.
    });
    this.#tabs.wrote(this.#of);
    await this.#lookAround();
  }

  /** Says no more of another draft. */
  pass({ stored }: OtherDraft): void {
    this.#passed = [...this.#passed, stored.key];
    this.others = this.others.filter((other) => other.stored.key !== stored.key);
  }

  /** Keeps what is written in the form of a decision. */
  decide(text: DecisionText): void {
    const next = isWritten(text) ? text : null;
    if (JSON.stringify(next) === JSON.stringify(this.decision)) return;
    this.decision = next;
    this.#keep();
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
      this.#key = draftKey(this.#of, newId());
      await this.#lookAround();
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
    if (this.#key === null) return;
    await this.#store.forget(this.#key, this.#tabs.id).catch(() => {
      // Nothing of it is left to lose.
    });
    this.#tabs.wrote(this.#of);
  }

  /** The scenario was deleted: its draft goes with it. */
  async deleted(): Promise<void> {
    await this.flushed();
    await this.#forget();
    this.#history = this.#base = this.decision = null;
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
    const kept: Kept = { form: FORM, version: this.version, base, history, decision: this.decision };
    try {
      if (history.past.length + history.future.length === 0 && !this.decision) await this.#forget();
      else await this.#writeOwn(kept);
      this.unkept = false;
    } catch (cause) {
      console.warn("This browser keeps no drafts.", cause);
      this.unkept = true;
    }
  }

  async #writeOwn(kept: Kept): Promise<void> {
    this.#key ??= draftKey(this.#of, newId());
    while (!(await this.#store.write(this.#key, this.#tabs.id, kept))) {
      // Another tab took this one for closed and goes on with the draft: from here on there are two.
      this.#key = draftKey(this.#of, newId());
    }
    this.#tabs.wrote(this.#of);
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

/** Whether anything would be lost with it. */
function isWorth(kept: Kept): boolean {
  return isChanged(kept) || isWritten(kept.decision ?? null);
}

function isWritten(text: DecisionText | null): boolean {
  if (text === null) return false;
  return text.decidedBy.trim() !== "" || text.notes.trim() !== "" || text.chosen.length + text.overrides.length > 0;
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
