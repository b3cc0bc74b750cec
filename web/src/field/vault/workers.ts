/** The workers who use this phone, each with their own PIN, key and queue. */
import { uuid4 } from "../core/ids";
import type { Clock } from "../core/clock";
import { strictly, type FieldDb, type WorkerRow } from "./db";
import {
  dataKey,
  newDataKey,
  newDeviceKey,
  openJson,
  sealJson,
  unwrap,
  wrap,
  wrapAnew,
  WrongPin,
  ITERATIONS,
} from "./seal";
import { asNoRoom, committed, NoRoom } from "./room";
import { browserTries, waitOf, type SpareTries, type Tries } from "./tries";

export const SHORTEST_PIN = 6;

export interface Worker {
  id: string;
  name: string;
}

/** Somebody has to wait before the next try. */
export class TooManyTries extends Error {
  constructor(readonly waitMs: number) {
    super("Too many wrong PINs.");
  }
}

/** Digits that many people would choose first. */
export function isWeakPin(pin: string): boolean {
  const steps = [...pin].slice(1).map((digit, i) => Number(digit) - Number(pin[i]));
  return new Set(steps).size <= 1 && Math.abs(steps[0] ?? 0) <= 1;
}

export async function workers(db: FieldDb): Promise<Worker[]> {
  const rows = await db.getAll("workers");
  return Promise.all(
    rows.map(async ({ id, name, nameKey }) => ({ id, name: await openJson<string>(nameKey, name, `name ${id}`) })),
  );
}

/** Adds a worker; the key opens what is recorded from now on. */
export async function addWorker(
  db: FieldDb,
  name: string,
  pin: string,
  iterations = ITERATIONS,
): Promise<{ worker: Worker; key: CryptoKey }> {
  const id = uuid4();
  const raw = newDataKey();
  const key = await dataKey(raw);
  const device = await newDeviceKey();
  const nameKey = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const row: WorkerRow = {
    id,
    device,
    wrapped: await wrap(raw, pin, device, iterations),
    tries: { wrong: 0, last: 0 },
    name: await sealJson(nameKey, name, `name ${id}`),
    nameKey,
  };
  await put(db, row);
  return { worker: { id, name }, key };
}

async function rowOf(db: FieldDb, id: string): Promise<WorkerRow> {
  const row = await db.get("workers", id);
  if (!row) throw new Error("This worker is not on this phone.");
  return row;
}

async function put(db: FieldDb, row: WorkerRow): Promise<void> {
  const tx = strictly(db, "workers");
  await committed(tx, tx.objectStore("workers").put(row)).catch(asNoRoom);
}

const triesOf = (row: WorkerRow, spare: SpareTries): Tries => spare.read(row.id) ?? row.tries;

async function count(db: FieldDb, row: WorkerRow, tries: Tries, spare: SpareTries): Promise<void> {
  try {
    await put(db, { ...row, tries });
    spare.clear(row.id);
  } catch (cause) {
    if (!(cause instanceof NoRoom)) throw cause;
    spare.write(row.id, tries);
  }
}

/**
 * The key that a PIN opens. A try is counted before it is made: a phone that is switched off in between forgets none. A phone that is
 * full opens all the same.
 */
export async function unlock(
  db: FieldDb,
  id: string,
  pin: string,
  clock: Clock,
  spare: SpareTries = browserTries,
): Promise<CryptoKey> {
  const row = await rowOf(db, id);
  const { wrong, last } = triesOf(row, spare);
  const wait = waitOf({ wrong, last }, clock.now());
  if (wait > 0) throw new TooManyTries(wait);
  await count(db, row, { wrong: wrong + 1, last: clock.now() }, spare);
  const key = await unwrap(row.wrapped, pin, row.device);
  await count(db, row, { wrong: 0, last: clock.now() }, spare);
  return key;
}

/** How long to wait before the next try, in milliseconds. */
export async function waitFor(
  db: FieldDb,
  id: string,
  clock: Clock,
  spare: SpareTries = browserTries,
): Promise<number> {
  return waitOf(triesOf(await rowOf(db, id), spare), clock.now());
}

export async function changePin(
  db: FieldDb,
  id: string,
  pin: string,
  next: string,
  clock: Clock,
  spare: SpareTries = browserTries,
): Promise<void> {
  const row = await rowOf(db, id);
  const { wrong, last } = triesOf(row, spare);
  const wait = waitOf({ wrong, last }, clock.now());
  if (wait > 0) throw new TooManyTries(wait);
  await count(db, row, { wrong: wrong + 1, last: clock.now() }, spare);
  const wrapped = await wrapAnew(row.wrapped, pin, next, row.device);
  await put(db, { ...row, wrapped, tries: { wrong: 0, last: clock.now() } });
  spare.clear(id);
}

export { WrongPin };
