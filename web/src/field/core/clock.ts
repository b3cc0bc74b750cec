/** The phone's clock, which may be wrong, and what was learned about it. */

export interface Clock {
  now(): number;
}

export const phoneClock: Clock = { now: () => Date.now() };

/** How wrong a phone's clock may be before it is told. */
export const MAX_OFFSET_MS = 600_000;

/** Today, as the calendar on the wall says it. */
export function today(now: number): string {
  const day = new Date(now);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

export const moment = (now: number): string => new Date(now).toISOString();

/** The phone's clock less the server's, by an answer that took `elapsed` to come. */
export const offsetOf = (now: number, server: string, elapsed: number): number =>
  Math.round(now - elapsed / 2 - Date.parse(server));

/** A lease as the server gave it last, by its own clock; `seen` is the latest time that this phone ever saw. */
export interface Lease {
  until: number;
  /** How long one lasts, in milliseconds. */
  length: number;
  /** The latest time by the server's clock that was seen here: a clock that was set back does not lengthen a lease. */
  seen: number;
}

export function renewed(lease: Lease, server: number): Lease {
  return { ...lease, until: server + lease.length, seen: Math.max(lease.seen, server) };
}

/** What the last contact told of the phone's clock. */
export interface Measured {
  /** The phone's clock less the server's, then. */
  offset: number;
  /** The phone's clock then. */
  at: number;
}

/** Somebody who is told that a clock is days wrong sets it right; one that is hours wrong may as well have gone on being wrong. */
const SURELY_SET_MS = 2 * 86_400_000;

/**
 * How far the phone's clock is ahead of the right time, as far as can be told. It is as wrong as it was at the last contact, unless it was
 * set since: a clock that was fast and now stands before that contact, or one that was days slow and has passed what it lacked, was.
 */
export function aheadBy(now: number, { offset, at }: Measured): number {
  const apparent = now - at;
  const wasSet = offset > 0 ? apparent < 0 : -offset >= SURELY_SET_MS && apparent >= -offset;
  return wasSet ? 0 : offset;
}

/** Whether a lease is over; `ahead` is how far the phone's clock is. */
export const isOver = (lease: Lease, now: number, ahead: number): boolean =>
  Math.max(now - ahead, lease.seen) > lease.until;
