/** Where drafts outlive the page: the browser's own database. */

/** A draft is read as whatever was written; whether it still makes sense is for the reader to say. */
export interface DraftStore {
  read(key: string): Promise<unknown>;
  write(key: string, draft: unknown): Promise<void>;
  forget(key: string): Promise<void>;
}

const DATABASE = "phteah";
const DRAFTS = "drafts";
/** Drafts of more scenarios than these are forgotten, the longest untouched first. */
const MOST_DRAFTS = 40;

interface Row {
  key: string;
  at: number;
  draft: unknown;
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

  async read(key: string): Promise<unknown> {
    const drafts = (await this.#open()).transaction(DRAFTS).objectStore(DRAFTS);
    const row = await answered<Row | undefined>(drafts.get(key));
    return row?.draft ?? null;
  }

  async write(key: string, draft: unknown): Promise<void> {
    const work = (await this.#open()).transaction(DRAFTS, "readwrite");
    const drafts = work.objectStore(DRAFTS);
    drafts.put({ key, at: Date.now(), draft } satisfies Row);
    const all = await answered(drafts.index("at").getAllKeys());
    for (const old of all.slice(0, Math.max(0, all.length - MOST_DRAFTS))) drafts.delete(old);
    await ended(work);
  }

  async forget(key: string): Promise<void> {
    const work = (await this.#open()).transaction(DRAFTS, "readwrite");
    work.objectStore(DRAFTS).delete(key);
    await ended(work);
  }
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
