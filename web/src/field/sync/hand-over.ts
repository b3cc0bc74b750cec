/** The queue as a file, for when nothing else works: `phteah field import` takes it in as if it had been sent, any number of times. */
import type { Queued } from "../vault/vault";

/** The phone's clock when the file is made, and by how much it is ahead of the server's, in milliseconds, as last measured. */
export interface Clocks {
  now: number;
  offset: number;
}

/** The events stand in it as they were made, each on a line of its own. Whoever holds the file can read it. */
export function handOver(device: string, queue: readonly Queued[], { now, offset }: Clocks): string {
  const head = JSON.stringify({
    device,
    device_time: new Date(now).toISOString(),
    clock_offset_s: Math.round(offset / 1000),
  });
  return `${head.slice(0, -1)},"events":[\n${queue.map(({ text }) => text).join(",\n")}\n]}\n`;
}

/** A name that tells nothing about anybody. */
export const fileName = (now: number): string =>
  `phteah-${new Date(now).toISOString().slice(0, 16).replace(/[-:]/g, "").replace("T", "-")}.json`;
