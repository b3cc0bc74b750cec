/**
 * Whether the browser has thrown the database away. A small mark stands where other cleaning reaches it (local storage and
 * the cache of the app's own files): a mark without a database means that records are gone, and that is said.
 */
import type { FieldDb } from "./db";

const MARK = "phteah-field.workers";

export interface Marks {
  read(): Promise<number>;
  write(count: number): Promise<void>;
}

const CACHE = "phteah-field-mark";
const ADDRESS = "/field/mark";

export const browserMarks: Marks = {
  async read() {
    const counts = [Number(localStorage.getItem(MARK) ?? 0)];
    const kept = await caches.open(CACHE).then((cache) => cache.match(ADDRESS));
    if (kept) counts.push(Number(await kept.text()));
    return Math.max(...counts.map((count) => (Number.isFinite(count) ? count : 0)));
  },
  async write(count) {
    localStorage.setItem(MARK, String(count));
    const cache = await caches.open(CACHE);
    await cache.put(ADDRESS, new Response(String(count)));
  },
};

/** Whether there were workers on this phone and there are none now. */
export async function wasEvicted(db: FieldDb, marks: Marks): Promise<boolean> {
  const there = await db.count("workers");
  const remembered = await marks.read().catch(() => 0);
  if (there > 0 && there !== remembered) await marks.write(there).catch(() => undefined);
  return there === 0 && remembered > 0;
}
