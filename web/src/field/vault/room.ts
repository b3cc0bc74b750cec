/** Writing on a phone that has no room left. */

/** Nothing could be written: the phone is full, or the browser gives no more room. */
export class NoRoom extends Error {}

/** Whether a write failed because there was no room for it. */
export const isFull = (cause: unknown): boolean => cause instanceof DOMException && cause.name === "QuotaExceededError";

/** The failure as {@link NoRoom} where that is what it is. */
export const asNoRoom = (cause: unknown): never => {
  if (isFull(cause)) throw new NoRoom("The phone has no room left.", { cause });
  throw cause;
};

/**
 * Waits until a transaction is on the disk. Where it was stopped its own reason counts: its requests only say that it was stopped.
 */
export async function committed(
  tx: { done: Promise<void> },
  ...requests: (Promise<unknown> | undefined)[]
): Promise<void> {
  const results = await Promise.allSettled([tx.done, ...requests]);
  const failures = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
  if (failures.length > 0) throw failures.find(isFull) ?? failures[0];
}
