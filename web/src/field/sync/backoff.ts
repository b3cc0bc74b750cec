/** How long to wait after a try that failed, in milliseconds. */
const FIRST_MS = 5_000;
const MOST_MS = 600_000;

/** `chance` spreads many phones that lost one server: a number from 0 to 1. */
export function backoff(failures: number, after: number | null, chance: number): number {
  const wait = Math.min(MOST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
  return Math.max((after ?? 0) * 1000, wait * (0.5 + chance / 2));
}
