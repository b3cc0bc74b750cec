/** Sending what was recorded: events one batch after another, then photos and sound. Only a receipt takes anything out of the queue. */
import { textOf, type FieldEvent } from "../fold/event";
import type { Queued, Receipt, Vault } from "../vault/vault";
import { Failed, refusal, type Api } from "./api";

export interface Limits {
  events: number;
  events_bytes: number;
  piece_bytes: number;
}

interface GivenReceipt {
  id: string | null;
  status: string;
  code?: string;
  message?: string;
}

interface Receipts {
  receipts: GivenReceipt[];
  server_time: string;
  clock?: { offset_s: number; message: string };
}

const STATUSES = ["stored", "duplicate", "quarantined"];
/** A batch on a thin line should not take minutes. */
const USUAL_BYTES = 512 * 1024;

export interface Pushed {
  server_time: string;
  elapsed: number;
  ids: string[];
}

/** The events of the queue that go into the next batch: as many as fit. */
export function batch(queue: readonly Queued[], limits: Limits): Queued[] {
  const most = Math.min(USUAL_BYTES, limits.events_bytes);
  const taken: Queued[] = [];
  let bytes = 0;
  for (const one of queue) {
    bytes += one.text.length * 3;
    if (taken.length > 0 && (bytes > most || taken.length >= limits.events)) break;
    taken.push(one);
  }
  return taken;
}

/** Sends one batch and keeps its receipts. Null where there is nothing to send. */
export async function pushBatch(
  api: Api,
  vault: Vault,
  limits: Limits,
  now: () => number,
  sending: (ids: string[]) => void = () => undefined,
): Promise<Pushed | null> {
  const sent = batch(await vault.queue(limits.events), limits);
  if (sent.length === 0) return null;
  sending(sent.map(({ id }) => id));
  const time = new Date(now()).toISOString();
  // The events go as they were made, letter by letter.
  const body = `{"events":[${sent.map(({ text }) => text).join(",")}],"device_time":${JSON.stringify(time)}}`;
  const { body: answer, elapsed } = await api.post<Receipts>("/api/field/events", body);
  if (!Array.isArray(answer?.receipts) || textOf(answer.server_time) === null) {
    throw new Failed("portal", "Another page answered.");
  }
  const events = new Map(sent.map(({ id, text }) => [id, (JSON.parse(text) as FieldEvent).household]));
  const receipts = answer.receipts.flatMap((given) => {
    const household = given.id === null ? undefined : events.get(given.id);
    if (household === undefined || given.id === null || !STATUSES.includes(given.status)) return [];
    const receipt: Receipt = {
      status: given.status as Receipt["status"],
      at: answer.server_time,
      ...(given.code ? { code: given.code } : {}),
      ...(given.message ? { message: given.message } : {}),
    };
    return [{ id: given.id, household, receipt }];
  });
  if (receipts.length === 0) throw new Failed("busy", "The server gave no receipt.");
  await vault.receipts(receipts);
  return { server_time: answer.server_time, elapsed, ids: receipts.map(({ id }) => id) };
}

const TUS = { "tus-resumable": "1.0.0" };
/** Small pieces lose little when a line breaks. */
const PIECE_BYTES = 256 * 1024;

/** Sends one file from where the server has it. It leaves the phone when the server has all of it. */
export async function pushFile(
  api: Api,
  vault: Vault,
  sha256: string,
  limits: Limits,
  progress: (part: number) => void = () => undefined,
): Promise<void> {
  const bytes = await vault.file(sha256);
  if (!bytes) return;
  const path = `/api/field/files/${sha256}`;
  let here = await offsetOf(api, path, bytes.length);
  while (here < bytes.length) {
    progress(here / bytes.length);
    const piece = bytes.slice(here, here + Math.min(PIECE_BYTES, limits.piece_bytes));
    const headers = { ...TUS, "upload-offset": String(here), "content-type": "application/offset+octet-stream" };
    const { response } = await api.ask(path, { method: "PATCH", body: piece, headers });
    if (response.status !== 204) {
      const failed = await refusal(response);
      // Another try left more, or less, than we thought: begin again from what is there.
      const actual = response.status === 409 ? await offsetOf(api, path, bytes.length) : here;
      if (actual === here) throw failed;
      here = actual;
      continue;
    }
    const next = Number(response.headers.get("upload-offset") ?? "");
    if (!response.headers.has("tus-resumable") || !(next > here)) throw new Failed("portal", "Another page answered.");
    here = next;
  }
  await vault.fileSent(sha256);
}

/** How much of a file the server has; begins it where it has none. */
async function offsetOf(api: Api, path: string, length: number): Promise<number> {
  const { response: state } = await api.ask(path, { method: "HEAD", headers: TUS });
  if (state.ok) return readOffset(state);
  if (state.status !== 404) throw await refusal(state);
  const headers = { ...TUS, "upload-length": String(length) };
  const { response } = await api.ask(path, { method: "POST", headers });
  if (response.status !== 201) throw await refusal(response);
  return readOffset(response);
}

function readOffset(response: Response): number {
  const offset = response.headers.get("upload-offset");
  if (!response.headers.has("tus-resumable") || offset === null || !/^\d+$/.test(offset)) {
    throw new Failed("portal", "Another page answered.");
  }
  return Number(offset);
}
