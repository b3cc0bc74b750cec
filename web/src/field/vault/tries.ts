/** How long to wait after wrong PINs: five are free, then ever longer. */

export interface Tries {
  wrong: number;
  /** When the last try was, by the phone's clock. */
  last: number;
}

export const FREE = 5;
const FIRST_MS = 30_000;
const MOST_MS = 3_600_000;

/** Milliseconds until the next try. A clock that was set back starts the wait anew. */
export function waitOf({ wrong, last }: Tries, now: number): number {
  if (wrong < FREE) return 0;
  const wait = Math.min(MOST_MS, FIRST_MS * 2 ** (wrong - FREE));
  return now < last ? wait : Math.max(0, last + wait - now);
}
