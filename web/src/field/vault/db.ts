/** The phone's database. What people said stands in it sealed; open are ids, counts, sizes and states. */
import { openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction } from "idb";
import type { Bytes } from "../core/bytes";
import type { Wrapped } from "./seal";
import type { Tries } from "./tries";

export interface WorkerRow {
  id: string;
  device: CryptoKey;
  wrapped: Wrapped;
  tries: Tries;
  /** The worker's name, sealed with the device's key alone: to choose by before a PIN was typed. */
  name: Bytes;
  nameKey: CryptoKey;
}

export interface HouseholdRow {
  worker: string;
  id: string;
  /** Counts writes: what was written after the summaries were, is folded again. */
  rev: number;
  /** {@link Record}. */
  sealed: Bytes;
}

export interface QueueRow {
  worker: string;
  id: string;
  /** In order of being recorded. */
  at: number;
  /** The event as text. */
  sealed: Bytes;
}

export interface FileRow {
  worker: string;
  sha256: string;
  bytes: number;
  /** The draft that it belongs to; null once it waits to be sent. */
  draft: string | null;
  sealed: Bytes;
}

export interface DraftRow {
  worker: string;
  id: string;
  sealed: Bytes;
}

/** Small things by name: setup, token, forms, where pulling stands. */
export interface ThingRow {
  worker: string;
  name: string;
  sealed: Bytes;
}

export interface FieldSchema extends DBSchema {
  workers: { key: string; value: WorkerRow };
  households: { key: [string, string]; value: HouseholdRow; indexes: { rev: [string, number] } };
  queue: { key: [string, string]; value: QueueRow; indexes: { at: [string, number] } };
  files: { key: [string, string]; value: FileRow };
  drafts: { key: [string, string]; value: DraftRow };
  things: { key: [string, string]; value: ThingRow };
}

export type Store = keyof FieldSchema & string;
export type FieldDb = IDBPDatabase<FieldSchema>;
type StoreName = "workers" | "households" | "queue" | "files" | "drafts" | "things";
export type Tx = IDBPTransaction<FieldSchema, StoreName[], "readwrite">;

export const NAME = "phteah-field";

export function openDb(onBlocked: () => void = () => undefined): Promise<FieldDb> {
  return openDB<FieldSchema>(NAME, 1, {
    upgrade(db) {
      db.createObjectStore("workers", { keyPath: "id" });
      db.createObjectStore("households", { keyPath: ["worker", "id"] }).createIndex("rev", ["worker", "rev"]);
      db.createObjectStore("queue", { keyPath: ["worker", "id"] }).createIndex("at", ["worker", "at"]);
      db.createObjectStore("files", { keyPath: ["worker", "sha256"] });
      db.createObjectStore("drafts", { keyPath: ["worker", "id"] });
      db.createObjectStore("things", { keyPath: ["worker", "name"] });
    },
    blocked: onBlocked,
  });
}

/** A transaction whose end means that the disk has it: Chrome's own default does not. */
export function strictly(db: FieldDb, ...stores: StoreName[]): Tx {
  return db.transaction(stores, "readwrite", { durability: "strict" }) as Tx;
}

/** All rows of a worker. */
export const ofWorker = (worker: string): IDBKeyRange => IDBKeyRange.bound([worker], [worker, []]);
