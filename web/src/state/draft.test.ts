import { describe, expect, it } from "vitest";
import type { Scenario } from "../api/types";
import { Draft, type Snapshot } from "./draft.svelte";
import type { DraftStore, StoredDraft } from "./draft-store";
import { Tabs } from "./tabs";

/** The browser's database, in memory; like it, it keeps copies. */
class Memory implements DraftStore {
  rows = new Map<string, StoredDraft>();
  #clock = 0;

  all(of: string): Promise<StoredDraft[]> {
    const found = [...this.rows.values()].filter(({ key }) => key.startsWith(of));
    return Promise.resolve(structuredClone(found.sort((one, other) => other.at - one.at)));
  }

  take({ key, owner }: StoredDraft, taker: string): Promise<boolean> {
    const row = this.rows.get(key);
    if (row?.owner !== owner) return Promise.resolve(false);
    this.rows.set(key, { ...row, owner: taker });
    return Promise.resolve(true);
  }

  write(key: string, owner: string, draft: unknown): Promise<boolean> {
    const row = this.rows.get(key);
    if (row && row.owner !== owner) return Promise.resolve(false);
    this.rows.set(key, { key, owner, at: (this.#clock += 1), draft: structuredClone(draft) });
    return Promise.resolve(true);
  }

  forget(key: string, owner: string | null): Promise<void> {
    if (this.rows.get(key)?.owner === owner) this.rows.delete(key);
    return Promise.resolve();
  }
}

const scenario = {
  criterion: [
    { id: "way", weight: 1 },
    { id: "flood", weight: 1 },
  ],
} as unknown as Scenario;
const opened = { name: "default", scenario, version: "v1" };

/** A page: what it shows is a snapshot that its drafts are taken from. */
class Page {
  readonly tabs: Tabs;
  readonly draft: Draft;
  shows: Snapshot | null = null;

  constructor(store: DraftStore, id: string, open: Set<string>) {
    this.tabs = new Tabs(null, { getItem: () => id, setItem: () => undefined });
    this.tabs.isOpen = (tab) => open.has(tab);
    this.draft = new Draft(store, this.tabs);
    this.draft.of("city");
    this.draft.attach({ snapshot: () => this.shows, restore: (snapshot) => (this.shows = snapshot) });
  }

  async opens(at = opened): Promise<Snapshot | null> {
    const resumed = await this.draft.open(at);
    this.shows = resumed ?? this.draft.now;
    return resumed;
  }

  async weighs(way: number): Promise<void> {
    if (this.shows) this.shows = { ...this.shows, shares: { way, flood: 1 - way } };
    this.draft.record("weight");
    await this.draft.flushed();
  }

  get way(): number | undefined {
    return this.shows?.shares["way"];
  }
}

describe("a draft", () => {
  it("goes on where its tab left off", async () => {
    const store = new Memory();
    const page = new Page(store, "one", new Set());
    expect(await page.opens()).toBeNull();
    await page.weighs(0.9);
    const again = new Page(store, "one", new Set());
    await again.opens();
    expect(again.way).toBe(0.9);
    expect([again.draft.resumed, again.draft.others]).toEqual([true, []]);
  });

  it("is taken up by another tab once its own is closed", async () => {
    const store = new Memory();
    const page = new Page(store, "one", new Set());
    await page.opens();
    await page.weighs(0.9);
    const other = new Page(store, "two", new Set());
    await other.opens();
    expect([other.way, store.rows.size]).toEqual([0.9, 1]);
  });

  it("that was kept before tabs had drafts of their own is taken up", async () => {
    const store = new Memory();
    const page = new Page(store, "one", new Set());
    await page.opens();
    await page.weighs(0.9);
    const [row] = store.rows.values();
    if (!row) throw new Error("Nothing was kept.");
    store.rows = new Map([['["city","default"]', { ...row, key: '["city","default"]', owner: null }]]);
    const later = new Page(store, "two", new Set());
    await later.opens();
    expect(later.way).toBe(0.9);
  });

  it("of two open tabs: each keeps its own, each is told of the other", async () => {
    const [store, open] = [new Memory(), new Set(["one", "two"])];
    const one = new Page(store, "one", open);
    const two = new Page(store, "two", open);
    await one.opens();
    await one.weighs(0.9);
    expect(await two.opens()).toBeNull();
    await two.weighs(0.2);
    await one.weighs(0.8);
    one.tabs.onchange(null);
    await two.opens();
    expect([one.way, two.way, store.rows.size]).toEqual([0.8, 0.2, 2]);
    for (const { draft } of [one, two]) {
      await new Promise((later) => setTimeout(later));
      expect(draft.others.map(({ open }) => open)).toEqual([true]);
    }
  });

  it("of another tab can be shown here, and taken back; the other tab keeps it", async () => {
    const [store, open] = [new Memory(), new Set(["one", "two"])];
    const one = new Page(store, "one", open);
    const two = new Page(store, "two", open);
    await one.opens();
    await one.weighs(0.9);
    await two.opens();
    await two.weighs(0.2);
    await new Promise((later) => setTimeout(later));
    const [other] = two.draft.others;
    if (!other) throw new Error("The second tab knows nothing of the first.");
    await two.draft.takeOver(other);
    expect(two.way).toBe(0.9);
    // It says the same as the scenario that was opened, so nothing but the weights counts as changed.
    expect(two.shows?.scenario).toBe(scenario);
    expect(two.draft.others).toEqual([]);
    two.draft.undo();
    expect(two.way).toBe(0.2);
    await two.draft.flushed();
    await one.opens();
    expect(one.way).toBe(0.9);
  });

  it("that was taken up while its tab slept goes on beside the other", async () => {
    const [store, open] = [new Memory(), new Set<string>()];
    const sleeper = new Page(store, "one", open);
    await sleeper.opens();
    await sleeper.weighs(0.9);
    const taker = new Page(store, "two", open);
    await taker.opens();
    await taker.weighs(0.3);
    await sleeper.weighs(0.7);
    const kept = [...store.rows.values()].map(({ owner, draft }) => {
      const { history } = draft as { history: { now: Snapshot } };
      return [owner, history.now.shares["way"]];
    });
    expect(new Map(kept as [string, number][])).toEqual(
      new Map([
        ["two", 0.3],
        ["one", 0.7],
      ]),
    );
  });

  it("keeps what is written of a decision, also when somebody has saved the scenario since", async () => {
    const store = new Memory();
    const page = new Page(store, "one", new Set());
    await page.opens();
    const text = {
      decidedBy: "Housing committee",
      notes: "",
      chosen: [],
      overrides: [{ site: "S1", reason: "Agreed" }],
    };
    page.draft.decide(text);
    await page.draft.flushed();
    const again = new Page(store, "one", new Set());
    expect(await again.opens({ ...opened, version: "v2" })).toBeNull();
    expect(again.draft.decision).toEqual(text);
    expect(again.draft.version).toBe("v2");
    again.draft.decide({ decidedBy: " ", notes: "", chosen: [], overrides: [] });
    await again.draft.flushed();
    expect([again.draft.decision, store.rows.size]).toEqual([null, 0]);
  });
});
