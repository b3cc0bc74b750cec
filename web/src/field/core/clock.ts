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

/** Whether a lease is over; `offset` is the phone's clock less the server's. */
export const isOver = (lease: Lease, now: number, offset: number): boolean =>
  Math.max(now - offset, lease.seen) > lease.until;
