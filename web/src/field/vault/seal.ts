/**
 * Sealing. A worker's records are sealed with a random data key (AES-256-GCM). That key is kept wrapped by a key that takes
 * both the PIN (PBKDF2-SHA256, {@link ITERATIONS} rounds) and a key of this browser that cannot be taken out of it.
 */
import { joined, random, textFrom, utf8, type Bytes } from "../core/bytes";

/** Rounds of PBKDF2: what OWASP asks for at least with SHA-256. */
export const ITERATIONS = 600_000;
const IV_BYTES = 12;

/** What the data key is kept in; worth nothing without the PIN and the device's key. */
export interface Wrapped {
  salt: Bytes;
  iterations: number;
  key: Bytes;
}

export class WrongPin extends Error {}

/** A key of this browser: it signs, and nothing can read it. */
export function newDeviceKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]) as Promise<CryptoKey>;
}

export function newDataKey(): Bytes {
  return random(32);
}

export const dataKey = (raw: Bytes): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);

/** Wraps a data key. The raw key is wiped. */
export async function wrap(raw: Bytes, pin: string, device: CryptoKey, iterations = ITERATIONS): Promise<Wrapped> {
  const salt = random(16);
  const by = await wrapping(pin, salt, iterations, device);
  const key = await seal(by, raw, "data key");
  raw.fill(0);
  return { salt, iterations, key };
}

export async function unwrap(wrapped: Wrapped, pin: string, device: CryptoKey): Promise<CryptoKey> {
  const by = await wrapping(pin, wrapped.salt, wrapped.iterations, device);
  const raw = await open(by, wrapped.key, "data key").catch(() => {
    throw new WrongPin("The PIN does not fit.");
  });
  const key = await dataKey(raw);
  raw.fill(0);
  return key;
}

/** The same data key under another PIN. */
export async function wrapAnew(wrapped: Wrapped, pin: string, next: string, device: CryptoKey): Promise<Wrapped> {
  const by = await wrapping(pin, wrapped.salt, wrapped.iterations, device);
  const raw = await open(by, wrapped.key, "data key").catch(() => {
    throw new WrongPin("The PIN does not fit.");
  });
  return wrap(raw, next, device);
}

async function wrapping(pin: string, salt: Bytes, iterations: number, device: CryptoKey): Promise<CryptoKey> {
  const typed = await crypto.subtle.importKey("raw", utf8(pin), "PBKDF2", false, ["deriveBits"]);
  const stretched = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations }, typed, 256);
  const both = await crypto.subtle.sign("HMAC", device, stretched);
  return crypto.subtle.importKey("raw", both, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** Seals bytes. `of` says what they are: a record that was put in another's place does not open. */
export async function seal(key: CryptoKey, bytes: Bytes, of: string): Promise<Bytes> {
  const iv = random(IV_BYTES);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8(of) }, key, bytes);
  return joined(iv, new Uint8Array(sealed));
}

export async function open(key: CryptoKey, sealed: Bytes, of: string): Promise<Bytes> {
  const iv = sealed.subarray(0, IV_BYTES);
  const additionalData = utf8(of);
  return new Uint8Array(
    await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, key, sealed.subarray(IV_BYTES)),
  );
}

export const sealJson = (key: CryptoKey, value: unknown, of: string): Promise<Bytes> =>
  seal(key, utf8(JSON.stringify(value)), of);

export async function openJson<T>(key: CryptoKey, sealed: Bytes, of: string): Promise<T> {
  return JSON.parse(textFrom(await open(key, sealed, of))) as T;
}
