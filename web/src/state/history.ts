/** Steps that can be taken back and made again. Pure: a state and what happened give the next state. */

export interface History<T> {
  /** Oldest first. */
  readonly past: readonly T[];
  readonly now: T;
  /** What was taken back, the next to be made again first. */
  readonly future: readonly T[];
  /** What the last step changed, and when: the moves of one drag are one step. */
  readonly last: { readonly what: string; readonly at: number } | null;
}

/** More steps than this are forgotten, the oldest first. */
export const MOST_STEPS = 100;
/** Changes of one thing within this time of each other are one step. */
export const ONE_STEP_MS = 1200;

export function begun<T>(now: T): History<T> {
  return { past: [], now, future: [], last: null };
}

/** After a change of `what` (a weight, a limit …) at a time in milliseconds. */
export function changed<T>(history: History<T>, now: T, what: string, at: number): History<T> {
  const { past, last } = history;
  const step = { what, at };
  // A change that follows something taken back begins anew: the step before it must stay.
  const goesOn = last?.what === what && at - last.at <= ONE_STEP_MS && history.future.length === 0 && past.length > 0;
  if (goesOn) return { past, now, future: [], last: step };
  return { past: [...past, history.now].slice(-MOST_STEPS), now, future: [], last: step };
}

export function undone<T>(history: History<T>): History<T> {
  const before = history.past.at(-1);
  if (before === undefined) return history;
  return { past: history.past.slice(0, -1), now: before, future: [history.now, ...history.future], last: null };
}

export function redone<T>(history: History<T>): History<T> {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.now], now: next, future, last: null };
}
