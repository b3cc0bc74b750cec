/** The queue as a file, for when nothing else works: `phteah field import` takes it in as if it had been sent, any number of times. */
import type { Queued } from "../vault/vault";

/** The events stand in it as they were made. Whoever holds the file can read it. */
export function handOver(device: string, queue: readonly Queued[]): string {
  return `{"device":${JSON.stringify(device)},"events":[\n${queue.map(({ text }) => text).join(",\n")}\n]}\n`;
}

/** A name that tells nothing about anybody. */
export const fileName = (now: number): string =>
  `phteah-${new Date(now).toISOString().slice(0, 16).replace(/[-:]/g, "").replace("T", "-")}.json`;
