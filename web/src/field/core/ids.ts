/** Ids that are made on the phone. */
import { hex, random } from "./bytes";

const hyphened = (bytes: Uint8Array): string => {
  const text = hex(bytes);
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join("-");
};

function versioned(bytes: Uint8Array, version: number): string {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | (version << 4);
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return hyphened(bytes);
}

/** A household's or member's id. */
export const uuid4 = (): string => versioned(random(16), 4);

/** An event's id: it tells when it was made, by the phone's clock. */
export function uuid7(now: number): string {
  const bytes = random(16);
  for (let i = 0; i < 6; i += 1) bytes[i] = Math.floor(now / 2 ** (8 * (5 - i))) % 256;
  return versioned(bytes, 7);
}

/** The code that an id gives where no card has one yet: for people to name a household by, on this phone. */
export const shortId = (id: string): string => id.slice(0, 4).toUpperCase();
