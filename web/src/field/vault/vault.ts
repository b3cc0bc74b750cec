/** One worker's sealed records. All writing of what was recorded goes through here, and is on the disk when it returns. */
import type { FieldEvent } from "../fold/event";
import { textFrom, utf8, type Bytes } from "../core/bytes";
import { grouped } from "../core/grouped";
import { ofWorker, strictly, type FieldDb, type HouseholdRow, type Tx } from "./db";
import { asNoRoom, committed, isFull, NoRoom } from "./room";
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
  /** Who recorded what came from the office, by the event's id, where the office tells it. */
  authors?: Record<string, string>;
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

export class Vault {
  /** Writes wait for one another: a record is opened, changed and sealed before the next write sees it. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Told after each write: whether there was room for it. */
  onroom: (isThere: boolean) => void = () => undefined;

  constructor(
    private readonly db: FieldDb,
    readonly worker: string,
    private readonly key: CryptoKey,
  ) {}

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#turn.then(work, work);
    this.#turn = next.catch(() => undefined);
    return next.then(
      (done) => {
        this.onroom(true);
        return done;
      },
      (cause: unknown) => {
        try {
          return asNoRoom(cause);
        } catch (told) {
          if (told instanceof NoRoom) this.onroom(false);
          throw told;
        }
      },
    );
  }

  async thing<T>(name: string): Promise<T | null> {
    const row = await this.db.get("things", [this.worker, name]);
    return row ? openJson<T>(this.key, row.sealed, this.#of("thing", name)) : null;
  }

  putThing(name: string, value: unknown): Promise<void> {
    return this.#inTurn(async () => {
      const sealed = await sealJson(this.key, value, this.#of("thing", name));
      const tx = strictly(this.db, "things");
      await committed(tx, tx.objectStore("things").put({ worker: this.worker, name, sealed }));
    });
  }

  /** Keeps something that can be made again, or asked for again: a phone that is full goes on without it. */
  async putSpare(name: string, value: unknown): Promise<void> {
    await this.putThing(name, value).catch((cause: unknown) => {
      if (!(cause instanceof NoRoom)) throw cause;
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
      await committed(
        tx,
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
      );
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

  /** The ids of what has no receipt: nothing is opened for it. */
  async queueIds(): Promise<string[]> {
    return (await this.db.getAllKeys("queue", ofWorker(this.worker))).map(([, id]) => id);
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
      await this.#takeOut(
        given.map(({ id }) => id),
        rows,
      );
    });
  }

  /** Takes events out of the queue. A full phone goes without the note of it: what leaves makes room, and the office has the events. */
  async #takeOut(ids: readonly string[], rows: readonly HouseholdRow[]): Promise<void> {
    const write = async (noted: readonly HouseholdRow[]) => {
      const tx = strictly(this.db, "households", "queue");
      await committed(
        tx,
        ...noted.map((row) => tx.objectStore("households").put(row)),
        ...ids.map((id) => tx.objectStore("queue").delete([this.worker, id])),
      );
    };
    try {
      await write(rows);
    } catch (cause) {
      if (!isFull(cause)) throw cause;
      await write([]);
    }
  }

  /** Takes in a page of changes, and where to ask next, in one write. */
  changes(
    events: { event: FieldEvent; text: string; author?: string | null }[],
    forget: string[],
    next: number,
  ): Promise<void> {
    return this.#inTurn(async () => {
      const byHousehold = grouped(events, ({ event }) => event.household);
      const rows = await Promise.all(
        [...byHousehold].map(([household, all]) =>
          this.#changed(household, (record) => {
            const known = new Map(record.events.map((text) => [idOf(text), text]));
            // The server's text is the event's one form: it takes the place of ours.
            for (const { event, text, author } of all) {
              known.set(event.id, text);
              if (author) record.authors = { ...record.authors, [event.id]: author };
            }
            record.events = [...known.values()];
          }),
        ),
      );
      const sealed = await sealJson(this.key, next, this.#of("thing", "cursor"));
      const tx = strictly(this.db, "households", "things");
      await committed(
        tx,
        // What was recorded and not sent stays in the queue.
        ...forget.map((id) => tx.objectStore("households").delete([this.worker, id])),
        ...rows.map((row) => tx.objectStore("households").put(row)),
        tx.objectStore("things").put({ worker: this.worker, name: "cursor", sealed }),
      );
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
      await committed(tx, tx.objectStore("files").delete([this.worker, sha256]));
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
      await committed(tx, tx.objectStore("drafts").put({ worker: this.worker, id, sealed }));
    });
  }

  /** Keeps a photo or sound of a draft. */
  putDraftFile(draft: string, sha256: string, bytes: Bytes): Promise<void> {
    return this.#inTurn(async () => {
      const sealed = await seal(this.key, bytes, this.#of("file", sha256));
      const tx = strictly(this.db, "files");
      const row = { worker: this.worker, sha256, bytes: bytes.length, draft, sealed };
      await committed(tx, tx.objectStore("files").put(row));
    });
  }

  dropDraft(id: string): Promise<void> {
    return this.#inTurn(async () => {
      const tx = strictly(this.db, "drafts", "files");
      await committed(tx, this.#endDraft(tx, id, []));
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
