/** Where drafts outlive the page: the browser's own database. Every tab keeps its own drafts, and none writes over another's. */

/** A draft as it was found; whether it still makes sense is for the reader to say. */
export interface StoredDraft {
  key: string;
  /** The tab that writes it; null where that is not known. */
  owner: string | null;
  /** When it was written, in milliseconds. */
  at: number;
  draft: unknown;
}

export interface DraftStore {
  /** The drafts of a scenario, the latest first. */
  all(of: string): Promise<StoredDraft[]>;
  /** Makes a draft that was found the own one of a tab; false where another tab was faster. */
  take(found: StoredDraft, owner: string): Promise<boolean>;
  /** Writes a tab's own draft; false where it has become another tab's. */
  write(key: string, owner: string, draft: unknown): Promise<boolean>;
  /** Forgets a draft, as long as it is this tab's. */
  forget(key: string, owner: string | null): Promise<void>;
}

/** Names the drafts of a scenario of a deployment: another deployment at the same address has other drafts. */
export function draftsOf(deployment: string, scenario: string): string {
  return JSON.stringify([deployment, scenario]).slice(0, -1);
}

/** The key of one draft among them. */
export function draftKey(of: string, id: string): string {
  return `${of},${JSON.stringify(id)}]`;
}

const DATABASE = "phteah";
const DRAFTS = "drafts";
/** More drafts than these are forgotten, the longest untouched first. */
const MOST_DRAFTS = 40;

interface Row {
  key: string;
  at: number;
  draft: unknown;
  owner?: string;
}

export class BrowserStore implements DraftStore {
  #opened: Promise<IDBDatabase> | null = null;

  /** Opened when it is first needed, and again after it failed. */
  #open(): Promise<IDBDatabase> {
    this.#opened ??= new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(DATABASE, 1);
      request.onupgradeneeded = () =>
        request.result.createObjectStore(DRAFTS, { keyPath: "key" }).createIndex("at", "at");
      request.onsuccess = () => {
        // Another tab with a newer page must not wait for this one.
        request.result.onversionchange = () => {
          request.result.close();
          this.#opened = null;
        };
        resolve(request.result);
      };
      request.onerror = () => reject(request.error ?? new Error("The browser's database cannot be opened."));
      request.onblocked = () => reject(new Error("Another tab holds the browser's database."));
    }).catch((cause: unknown) => {
      this.#opened = null;
      throw cause;
    });
    return this.#opened;
  }

  async all(of: string): Promise<StoredDraft[]> {
    const drafts = (await this.#open()).transaction(DRAFTS).objectStore(DRAFTS);
    const rows = await answered<Row[]>(drafts.getAll(IDBKeyRange.bound(of, `${of}\uffff`)));
    return rows
      .map(({ key, owner, at, draft }) => ({ key, owner: owner ?? null, at, draft }))
      .sort((one, other) => other.at - one.at);
  }

  async take({ key, owner }: StoredDraft, taker: string): Promise<boolean> {
    return this.#change(key, (row) => (row && ownerOf(row) === owner ? { ...row, owner: taker } : null));
  }

  async write(key: string, owner: string, draft: unknown): Promise<boolean> {
    return this.#change(key, (row) => (row && row.owner !== owner ? null : { key, owner, at: Date.now(), draft }));
  }

  /** Puts what `next` makes of a row in its place; null leaves it alone and gives false. */
  async #change(key: string, next: (row: Row | undefined) => Row | null): Promise<boolean> {
    const work = (await this.#open()).transaction(DRAFTS, "readwrite");
    const drafts = work.objectStore(DRAFTS);
    const row = next(await answered<Row | undefined>(drafts.get(key)));
    if (row) {
      drafts.put(row);
      const all = await answered(drafts.index("at").getAllKeys());
      for (const old of all.slice(0, Math.max(0, all.length - MOST_DRAFTS))) drafts.delete(old);
    }
    await ended(work);
    return row !== null;
  }

  async forget(key: string, owner: string | null): Promise<void> {
    const work = (await this.#open()).transaction(DRAFTS, "readwrite");
    const drafts = work.objectStore(DRAFTS);
    const row = await answered<Row | undefined>(drafts.get(key));
    if (row && ownerOf(row) === owner) drafts.delete(key);
    await ended(work);
  }
}

function ownerOf({ owner }: Row): string | null {
  return owner ?? null;
}

function answered<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("The browser's database does not answer."));
  });
}

function ended(work: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    work.oncomplete = () => resolve();
    work.onabort = () => reject(work.error ?? new Error("The browser's database keeps nothing more."));
  });
}
