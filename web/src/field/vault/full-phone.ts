/** For tests: a phone whose browser gives no more room. What is written is taken back, as Chromium does; deleting goes on. */

interface Stopped {
  transaction: { _abort(reason: string): void };
}

/** From now on nothing is kept; what it gives makes room again. Needs `fake-indexeddb`. */
export function fillUp(): () => void {
  const { prototype } = IDBObjectStore;
  const real = prototype.put;
  const stopped = new WeakSet<object>();
  prototype.put = function (this: IDBObjectStore, ...given: Parameters<typeof real>) {
    const asked = real.apply(this, given);
    // Not at once: Chromium looks when it writes.
    const { transaction } = this as unknown as Stopped;
    if (!stopped.has(transaction)) queueMicrotask(() => transaction._abort("QuotaExceededError"));
    stopped.add(transaction);
    return asked;
  };
  return () => void (prototype.put = real);
}
