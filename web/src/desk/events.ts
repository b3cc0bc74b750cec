/** Events as the desk records them: the same as a phone's. */
import type { NewEvent } from "./api";

/** The day in Cambodia, seven hours ahead of UTC all year. */
export function today(now = Date.now()): string {
  return new Date(now + 7 * 3_600_000).toISOString().slice(0, 10);
}

/** A UUID of version 7: the time in milliseconds, then random bits (RFC 9562, section 5.7). */
export function eventId(now = Date.now(), random = crypto.getRandomValues(new Uint8Array(10))): string {
  const bytes = new Uint8Array(16);
  let left = now;
  for (let i = 5; i >= 0; i--) {
    bytes[i] = left % 256;
    left = Math.floor(left / 256);
  }
  bytes.set(random, 6);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** A new event about a household that comes after all that its author has seen. */
export function event(
  household: string,
  kind: string,
  after: readonly string[],
  more: Record<string, unknown> = {},
): NewEvent {
  return {
    id: eventId(),
    household,
    kind,
    after: [...after],
    happened_on: today(),
    recorded_at: `${new Date().toISOString().slice(0, 19)}Z`,
    ...more,
  };
}
