/** One worker's sealed records. All writing of what was recorded goes through here, and is on the disk when it returns. */
import type { FieldEvent } from "../fold/event";
import { textFrom, utf8, type Bytes } from "../core/bytes";
import { grouped } from "../core/grouped";
import { ofWorker, strictly, type FieldDb, type HouseholdRow, type Tx } from "./db";
import { open, openJson, seal, sealJson } from "./seal";

/** The server's answer to one event. */
export interface Receipt {
  status: "stored" | "duplicate" | "quarantined";
  /** The server's time. */
  at: string;
  code?: string;
  message?: string;
}

/** What is kept of a household. */
export interface HouseholdRecord {
  /** Events as text, as they were made or came: never made anew. */
  events: string[];
  /** Receipts of events that were recorded here, by the event's id. */
  receipts: Record<string, Receipt>;
}

export interface Queued {
  id: string;
  at: number;
  text: string;
}

export interface KeptFile {
  sha256: string;
  bytes: number;
}

export interface FileToKeep {
  sha256: string;
  bytes: Bytes;
}

/** What {@link Vault.record} writes, all of it or nothing. */
export interface ToRecord {
  /** Events of one household, each with the text that will be sent. */
  events: { event: FieldEvent; text: string }[];
  files?: FileToKeep[];
  /** The draft that it was made of. */
  draft?: string;
}

/** Nothing could be written: the phone is full, or the browser gives no more room. */
export class NoRoom extends Error {}

const asNoRoom = (cause: unknown): never => {
  if (cause instanceof DOMException && cause.name === "QuotaExceededError") {
    throw new NoRoom("The phone has no room left.", { cause });
  }
  throw cause;
};

export class Vault {
  /** Writes wait for one another: a record is opened, changed and sealed before the next write sees it. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly db: FieldDb,
    readonly worker: string,
    private readonly key: CryptoKey,
  ) {}

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#turn.then(work, work);
    this.#turn = next.catch(() => undefined);
    return next.catch(asNoRoom);
  }

  async thing<T>(name: string): Promise<T | null> {
    const row = await this.db.get("things", [this.worker, name]);
    return row ? openJson<T>(this.key, row.sealed, this.#of("thing", name)) : null;
  }

  putThing(name: string, value: unknown): Promise<void> {
    return this.#inTurn(async () => {
      const sealed = await sealJson(this.key, value, this.#of("thing", name));
      const tx = strictly(this.db, "things");
      await Promise.all([tx.objectStore("things").put({ worker: this.worker, name, sealed }), tx.done]);
    });
  }

  async household(id: string): Promise<HouseholdRecord | null> {
    const row = await this.db.get("households", [this.worker, id]);
    return row ? this.#openHousehold(row) : null;
  }

  /** Households that were written after the count stood at `rev`; all for -1. */
  async householdsSince(rev: number): Promise<{ id: string; rev: number; record: HouseholdRecord }[]> {
    const range = IDBKeyRange.bound([this.worker, rev], [this.worker, Infinity], true);
    const rows = await this.db.getAllFromIndex("households", "rev", range);
    return Promise.all(rows.map(async (row) => ({ id: row.id, rev: row.rev, record: await this.#openHousehold(row) })));
  }

  countHouseholds(): Promise<number> {
    return this.db.count("households", ofWorker(this.worker));
  }

  /** Keeps events and their files, and lays them into the queue. */
  record({ events, files = [], draft }: ToRecord): Promise<void> {
    return this.#inTurn(async () => {
      const household = events[0]?.event.household;
      if (household === undefined || events.some(({ event }) => event.household !== household)) {
        throw new RangeError("What is recorded together is about one household.");
      }
      const row = await this.#changed(household, (record) => {
        for (const { text } of events) if (!record.events.includes(text)) record.events.push(text);
      });
      const queued = await Promise.all(
        events.map(async ({ event, text }) => ({
          worker: this.worker,
          id: event.id,
          at: Date.parse(event.recorded_at),
          sealed: await seal(this.key, utf8(text), this.#of("queue", event.id)),
        })),
      );
      const sealed = await Promise.all(
        files.map(async ({ sha256, bytes }) => ({
          worker: this.worker,
          sha256,
          bytes: bytes.length,
          draft: null,
          sealed: await seal(this.key, bytes, this.#of("file", sha256)),
        })),
      );
      const tx = strictly(this.db, "households", "queue", "files", "drafts");
      await Promise.all([
        tx.objectStore("households").put(row),
        ...queued.map((one) => tx.objectStore("queue").put(one)),
        ...sealed.map((file) => tx.objectStore("files").put(file)),
        draft === undefined
          ? undefined
          : this.#endDraft(
              tx,
              draft,
              events.flatMap(({ event }) => event.files ?? []),
            ),
        tx.done,
      ]);
    });
  }

  /** What has no receipt, in the order in which it was recorded. */
  async queue(most = Infinity): Promise<Queued[]> {
    const range = IDBKeyRange.bound([this.worker, -Infinity], [this.worker, Infinity]);
    const rows = await this.db.getAllFromIndex("queue", "at", range, Number.isFinite(most) ? most : undefined);
    return Promise.all(
      rows.map(async ({ id, at, sealed }) => ({
        id,
        at,
        text: textFrom(await open(this.key, sealed, this.#of("queue", id))),
      })),
    );
  }

  countQueue(): Promise<number> {
    return this.db.count("queue", ofWorker(this.worker));
  }

  /** Keeps receipts. An event leaves the queue by its own receipt and in no other way. */
  receipts(given: { id: string; household: string; receipt: Receipt }[]): Promise<void> {
    return this.#inTurn(async () => {
      const rows: HouseholdRow[] = [];
      for (const [household, all] of grouped(given, ({ household }) => household)) {
        // A household that was forgotten does not come back by a receipt.
        if (!(await this.db.getKey("households", [this.worker, household]))) continue;
        const row = await this.#changed(household, (record) => {
          for (const { id, receipt } of all) record.receipts[id] = receipt;
        });
        rows.push(row);
      }
      const tx = strictly(this.db, "households", "queue");
      await Promise.all([
        ...rows.map((row) => tx.objectStore("households").put(row)),
        ...given.map(({ id }) => tx.objectStore("queue").delete([this.worker, id])),
        tx.done,
      ]);
    });
  }

  /** Takes in a page of changes, and where to ask next, in one write. */
  changes(events: { event: FieldEvent; text: string }[], forget: string[], next: number): Promise<void> {
    return this.#inTurn(async () => {
      const byHousehold = grouped(events, ({ event }) => event.household);
      const rows = await Promise.all(
        [...byHousehold].map(([household, all]) =>
          this.#changed(household, (record) => {
            const known = new Map(record.events.map((text) => [idOf(text), text]));
            // The server's text is the event's one form: it takes the place of ours.
            for (const { event, text } of all) known.set(event.id, text);
            record.events = [...known.values()];
          }),
        ),
      );
      const sealed = await sealJson(this.key, next, this.#of("thing", "cursor"));
      const tx = strictly(this.db, "households", "things");
      await Promise.all([
        // What was recorded and not sent stays in the queue.
        ...forget.map((id) => tx.objectStore("households").delete([this.worker, id])),
        ...rows.map((row) => tx.objectStore("households").put(row)),
        tx.objectStore("things").put({ worker: this.worker, name: "cursor", sealed }),
        tx.done,
      ]);
    });
  }

  /** Photos and sound that wait to be sent. */
  files(): Promise<KeptFile[]> {
    return this.db
      .getAll("files", ofWorker(this.worker))
      .then((rows) => rows.filter(({ draft }) => draft === null).map(({ sha256, bytes }) => ({ sha256, bytes })));
  }

  async file(sha256: string): Promise<Bytes | null> {
    const row = await this.db.get("files", [this.worker, sha256]);
    return row ? open(this.key, row.sealed, this.#of("file", sha256)) : null;
  }

  /** The office has a file: its bytes leave the phone. */
  fileSent(sha256: string): Promise<void> {
    return this.#inTurn(async () => {
      const tx = strictly(this.db, "files");
      await Promise.all([tx.objectStore("files").delete([this.worker, sha256]), tx.done]);
    });
  }

  async drafts<T>(): Promise<{ id: string; draft: T }[]> {
    const rows = await this.db.getAll("drafts", ofWorker(this.worker));
    return Promise.all(
      rows.map(async ({ id, sealed }) => ({ id, draft: await openJson<T>(this.key, sealed, this.#of("draft", id)) })),
    );
  }

  putDraft(id: string, draft: unknown): Promise<void> {
    return this.#inTurn(async () => {
      const sealed = await sealJson(this.key, draft, this.#of("draft", id));
      const tx = strictly(this.db, "drafts");
      await Promise.all([tx.objectStore("drafts").put({ worker: this.worker, id, sealed }), tx.done]);
    });
  }

  /** Keeps a photo or sound of a draft. */
  putDraftFile(draft: string, sha256: string, bytes: Bytes): Promise<void> {
    return this.#inTurn(async () => {
      const sealed = await seal(this.key, bytes, this.#of("file", sha256));
      const tx = strictly(this.db, "files");
      const row = { worker: this.worker, sha256, bytes: bytes.length, draft, sealed };
      await Promise.all([tx.objectStore("files").put(row), tx.done]);
    });
  }

  dropDraft(id: string): Promise<void> {
    return this.#inTurn(async () => {
      const tx = strictly(this.db, "drafts", "files");
      await Promise.all([this.#endDraft(tx, id, []), tx.done]);
    });
  }

  /** Deletes a draft. Its files go, but for those that its event names: they wait to be sent. */
  async #endDraft(tx: Tx, draft: string, named: readonly string[]): Promise<void> {
    await tx.objectStore("drafts").delete([this.worker, draft]);
    for (const row of await tx.objectStore("files").getAll(ofWorker(this.worker))) {
      if (row.draft !== draft) continue;
      if (named.includes(row.sha256)) await tx.objectStore("files").put({ ...row, draft: null });
      else await tx.objectStore("files").delete([this.worker, row.sha256]);
    }
  }

  #of(what: string, name: string): string {
    return `${what} ${this.worker} ${name}`;
  }

  #openHousehold = (row: HouseholdRow): Promise<HouseholdRecord> =>
    openJson<HouseholdRecord>(this.key, row.sealed, this.#of("household", row.id));

  async #changed(id: string, change: (record: HouseholdRecord) => void): Promise<HouseholdRow> {
    const row = await this.db.get("households", [this.worker, id]);
    const record = row ? await this.#openHousehold(row) : { events: [], receipts: {} };
    change(record);
    const sealed = await sealJson(this.key, record, this.#of("household", id));
    return { worker: this.worker, id, rev: await this.#nextRev(), sealed };
  }

  /** One more than any row has. */
  #rev: number | null = null;
  async #nextRev(): Promise<number> {
    if (this.#rev === null) {
      const range = IDBKeyRange.bound([this.worker, -Infinity], [this.worker, Infinity]);
      const last = await this.db
        .transaction("households")
        .objectStore("households")
        .index("rev")
        .openKeyCursor(range, "prev");
      const key = last?.key as [string, number] | undefined;
      this.#rev ??= key?.[1] ?? 0;
    }
    this.#rev += 1;
    return this.#rev;
  }
}

/** The id of an event's text. */
export const idOf = (text: string): string => (JSON.parse(text) as { id: string }).id;
