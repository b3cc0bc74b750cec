import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import { utf8 } from "../core/bytes";
import { uuid4, uuid7 } from "../core/ids";
import type { FieldEvent } from "../fold/event";
import { openDb, type FieldDb } from "./db";
import { wasEvicted, type Marks } from "./evicted";
import { NoRoom } from "./room";
import { fillUp } from "./full-phone";
import { FREE, waitOf, type SpareTries, type Tries } from "./tries";
import { Vault } from "./vault";
import { addWorker, changePin, isWeakPin, TooManyTries, unlock, workers, WrongPin } from "./workers";

/** Few rounds: what is tested here is not how long a guess takes. */
const ROUNDS = 1000;

let db: FieldDb;
let now = Date.parse("2026-11-20T03:10:00Z");
const clock = { now: () => now };

beforeEach(async () => {
  db = await openDb();
  for (const store of db.objectStoreNames) await db.clear(store);
});

function event(household: string, facts: Record<string, string>): FieldEvent {
  const id = uuid7(now);
  return {
    id,
    household,
    kind: "surveyed",
    after: [],
    happened_on: "2026-11-20",
    recorded_at: new Date(now).toISOString(),
    facts,
  };
}

async function opened(): Promise<{ vault: Vault; id: string }> {
  const { worker, key } = await addWorker(db, "Illustrative Worker", "402917", ROUNDS);
  return { vault: new Vault(db, worker.id, key), id: worker.id };
}

describe("a worker's key", () => {
  it("opens with the PIN and with no other", async () => {
    const { id } = await opened();
    await expect(unlock(db, id, "402918", clock)).rejects.toThrow(WrongPin);
    await expect(unlock(db, id, "402917", clock)).resolves.toBeDefined();
  });

  it("waits ever longer after five wrong tries, and keeps count", async () => {
    const { id } = await opened();
    for (let n = 0; n < FREE; n += 1) await expect(unlock(db, id, "000000", clock)).rejects.toThrow(WrongPin);
    await expect(unlock(db, id, "402917", clock)).rejects.toThrow(TooManyTries);
    now += 30_000;
    await expect(unlock(db, id, "000000", clock)).rejects.toThrow(WrongPin);
    now += 30_000;
    await expect(unlock(db, id, "402917", clock)).rejects.toThrow(TooManyTries);
    now += 30_000;
    await expect(unlock(db, id, "402917", clock)).resolves.toBeDefined();
    await expect(unlock(db, id, "402917", clock)).resolves.toBeDefined();
  });

  it("does not wait less when the clock is set back", () => {
    const tries = { wrong: 6, last: now };
    expect(waitOf(tries, now + 59_000)).toBe(1000);
    expect(waitOf(tries, now - 86_400_000)).toBe(60_000);
    expect(waitOf({ wrong: 60, last: now }, now)).toBe(3_600_000);
  });

  it("can be put under another PIN", async () => {
    const { vault, id } = await opened();
    await vault.putThing("setup", { is: "there" });
    await changePin(db, id, "402917", "718204", clock);
    await expect(unlock(db, id, "402917", clock)).rejects.toThrow(WrongPin);
    const again = new Vault(db, id, await unlock(db, id, "718204", clock));
    expect(await again.thing("setup")).toEqual({ is: "there" });
  });

  it("is each worker's own", async () => {
    const { vault } = await opened();
    const other = await opened();
    const one = event(uuid4(), { "head.name": "សុខ" });
    await vault.record({ events: [{ event: one, text: JSON.stringify(one) }] });
    expect(await other.vault.queue()).toEqual([]);
    expect(await vault.queue()).toHaveLength(1);
    expect((await workers(db)).map(({ name }) => name)).toEqual(["Illustrative Worker", "Illustrative Worker"]);
  });

  it("is asked for by no PIN that everybody would guess", () => {
    for (const pin of ["111111", "123456", "654321"]) expect(isWeakPin(pin), pin).toBe(true);
    for (const pin of ["402917", "112233", "135791"]) expect(isWeakPin(pin), pin).toBe(false);
  });
});

describe("records", () => {
  it("stay in the queue until their own receipt comes", async () => {
    const { vault } = await opened();
    const [one, two] = [event(uuid4(), { "head.name": "A" }), event(uuid4(), { "head.name": "B" })];
    for (const each of [one, two]) await vault.record({ events: [{ event: each, text: JSON.stringify(each) }] });
    await vault.receipts([
      { id: one.id, household: one.household, receipt: { status: "stored", at: "2026-11-20T03:11:00Z" } },
    ]);
    expect((await vault.queue()).map(({ id }) => id)).toEqual([two.id]);
    expect((await vault.household(one.household))?.receipts[one.id]?.status).toBe("stored");
  });

  it("lose nothing when many are written at once", async () => {
    const { vault } = await opened();
    const household = uuid4();
    const all = Array.from({ length: 20 }, (_, n) => event(household, { "head.name": String(n) }));
    await Promise.all(all.map((each) => vault.record({ events: [{ event: each, text: JSON.stringify(each) }] })));
    expect((await vault.household(household))?.events).toHaveLength(20);
    expect(await vault.countQueue()).toBe(20);
  });

  it("that were not sent survive the order to forget a household", async () => {
    const { vault } = await opened();
    const one = event(uuid4(), { "head.name": "A" });
    await vault.record({ events: [{ event: one, text: JSON.stringify(one) }] });
    await vault.changes([], [one.household], 7);
    expect(await vault.household(one.household)).toBeNull();
    expect((await vault.queue()).map(({ text }) => text)).toEqual([JSON.stringify(one)]);
    expect(await vault.thing("cursor")).toBe(7);
    await vault.receipts([{ id: one.id, household: one.household, receipt: { status: "stored", at: "" } }]);
    expect(await vault.household(one.household)).toBeNull();
    expect(await vault.countQueue()).toBe(0);
  });

  it("take along the photos of their draft, and no others", async () => {
    const { vault } = await opened();
    const [kept, dropped] = ["a".repeat(64), "b".repeat(64)];
    await vault.putDraft("draft", {});
    await vault.putDraftFile("draft", kept, utf8("a photo"));
    await vault.putDraftFile("draft", dropped, utf8("a photo that was taken again"));
    expect(await vault.files()).toEqual([]);
    const one = { ...event(uuid4(), {}), files: [kept] };
    await vault.record({ events: [{ event: one, text: JSON.stringify(one) }], draft: "draft" });
    expect(await vault.files()).toEqual([{ sha256: kept, bytes: 7 }]);
    expect(await vault.file(dropped)).toBeNull();
    expect(await vault.drafts()).toEqual([]);
  });

  it("that changed since a count are found by it", async () => {
    const { vault } = await opened();
    const [one, two] = [event(uuid4(), {}), event(uuid4(), {})];
    await vault.record({ events: [{ event: one, text: JSON.stringify(one) }] });
    const [first] = await vault.householdsSince(-1);
    await vault.record({ events: [{ event: two, text: JSON.stringify(two) }] });
    expect((await vault.householdsSince(first?.rev ?? 0)).map(({ id }) => id)).toEqual([two.household]);
  });

  it("stand nowhere in the database in clear", async () => {
    const { vault } = await opened();
    const secret = "ឈ្មោះសម្ងាត់ Zanzibar";
    const one = event(uuid4(), { "head.name": secret });
    const files = [{ sha256: "a".repeat(64), bytes: utf8(secret) }];
    await vault.putDraft("draft", { answer: secret });
    await vault.record({ events: [{ event: one, text: JSON.stringify(one) }], files });
    await vault.putThing("setup", { secret });
    const dumped: unknown[] = [];
    for (const store of db.objectStoreNames) dumped.push(...(await db.getAll(store)));
    const bytes = (value: unknown): string =>
      value instanceof Uint8Array
        ? Buffer.from(value).toString("latin1")
        : Array.isArray(value)
          ? value.map(bytes).join()
          : value && typeof value === "object"
            ? Object.entries(value)
                .map(([name, part]) => name + bytes(part))
                .join()
            : String(value);
    const dump = dumped.map(bytes).join("\n");
    expect(dump.length).toBeGreaterThan(500);
    for (const part of ["Zanzibar", Buffer.from(secret).toString("latin1"), "Illustrative Worker", "402917"]) {
      expect(dump).not.toContain(part);
    }
  });

  it("do not open in another's place", async () => {
    const { vault } = await opened();
    await vault.putThing("one", 1);
    const row = await db.get("things", [vault.worker, "one"]);
    if (!row) throw new Error("no row");
    await db.put("things", { ...row, name: "two" });
    await expect(vault.thing("two")).rejects.toThrow();
  });
});

describe("a phone that is full", () => {
  /** What the browser's small store does. */
  class Spare implements SpareTries {
    readonly all = new Map<string, Tries>();
    read = (worker: string) => this.all.get(worker) ?? null;
    write = (worker: string, tries: Tries) => void this.all.set(worker, tries);
    clear = (worker: string) => void this.all.delete(worker);
  }

  it("opens with the right PIN", async () => {
    const { vault, id } = await opened();
    await vault.putThing("setup", { is: "there" });
    const empty = fillUp();
    const spare = new Spare();
    const again = new Vault(db, id, await unlock(db, id, "402917", clock, spare));
    expect(await again.thing("setup")).toEqual({ is: "there" });
    // Opening it again and again does not count as wrong.
    for (let n = 0; n < 2 * FREE; n += 1) await unlock(db, id, "402917", clock, spare);
    empty();
    await unlock(db, id, "402917", clock, spare);
    expect(spare.all.size).toBe(0);
  });

  it("makes guessing no cheaper", async () => {
    const { id } = await opened();
    const spare = new Spare();
    await expect(unlock(db, id, "000000", clock, spare)).rejects.toThrow(WrongPin);
    const empty = fillUp();
    for (let n = 1; n < FREE; n += 1) await expect(unlock(db, id, "000000", clock, spare)).rejects.toThrow(WrongPin);
    await expect(unlock(db, id, "402917", clock, spare)).rejects.toThrow(TooManyTries);
    empty();
    // The count goes on when there is room again.
    await expect(unlock(db, id, "402917", clock, spare)).rejects.toThrow(TooManyTries);
    now += 30_000;
    await expect(unlock(db, id, "000000", clock, spare)).rejects.toThrow(WrongPin);
    expect((await db.get("workers", id))?.tries.wrong).toBe(FREE + 1);
    now += 3_600_000;
  });

  it("says so where something must be kept, and goes on where it need not be", async () => {
    const { vault } = await opened();
    const said: boolean[] = [];
    vault.onroom = (isThere) => said.push(isThere);
    const one = event(uuid4(), {});
    const empty = fillUp();
    await expect(vault.record({ events: [{ event: one, text: JSON.stringify(one) }] })).rejects.toThrow(NoRoom);
    await vault.putSpare("recent", ["one"]);
    expect(await vault.countQueue()).toBe(0);
    expect(said).toEqual([false, false]);
    empty();
    await vault.putSpare("recent", ["one"]);
    expect(await vault.thing("recent")).toEqual(["one"]);
    expect(said.at(-1)).toBe(true);
  });

  it("is emptied by receipts", async () => {
    const { vault } = await opened();
    const one = event(uuid4(), {});
    await vault.record({ events: [{ event: one, text: JSON.stringify(one) }] });
    const empty = fillUp();
    await vault.receipts([{ id: one.id, household: one.household, receipt: { status: "stored", at: "" } }]);
    empty();
    expect(await vault.countQueue()).toBe(0);
    // The household is there, and says nothing of the receipt.
    expect(await vault.household(one.household)).toEqual({ events: [JSON.stringify(one)], receipts: {} });
  });
});

describe("an evicted database", () => {
  const marksAt = (count: number): Marks & { count: number } => ({
    count,
    read() {
      return Promise.resolve(this.count);
    },
    write(next) {
      this.count = next;
      return Promise.resolve();
    },
  });

  it("is told from a new phone", async () => {
    expect(await wasEvicted(db, marksAt(0))).toBe(false);
    expect(await wasEvicted(db, marksAt(2))).toBe(true);
  });

  it("is marked against", async () => {
    await opened();
    const marks = marksAt(0);
    expect(await wasEvicted(db, marks)).toBe(false);
    expect(marks.count).toBe(1);
  });
});
