/** The area's map as one file of this phone. It holds nothing about people, and all workers of the phone share it. */
import { sha256 } from "../core/bytes";
import { Failed, type Api } from "../sync/api";
import type { PackItem } from "../sync/setup";

const FOLDER = "phteah-map";
const META = "pack.json";
/** A piece that a thin line brings in some seconds. */
const PIECE = 512 * 1024;

export interface Pack {
  item: PackItem;
  file: File;
  /** When it came, by the phone's clock. */
  at: number;
}

/** There is no room for it, by what the phone says. */
export class NoRoomForPack extends Error {}

const folder = async (): Promise<FileSystemDirectoryHandle> =>
  (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });

const nameOf = ({ id, version }: PackItem): string => `${id}-${version.replace(/[^\w.-]/g, "_")}.pmtiles`;

/** The map that is here, or null. */
export async function keptPack(): Promise<Pack | null> {
  try {
    const dir = await folder();
    const meta = JSON.parse(await (await (await dir.getFileHandle(META)).getFile()).text()) as {
      item: PackItem;
      at: number;
    };
    const file = await (await dir.getFileHandle(nameOf(meta.item))).getFile();
    return file.size === meta.item.bytes ? { ...meta, file } : null;
  } catch {
    // Never loaded, or thrown away by the browser: then it is loaded again.
    return null;
  }
}

/** Loads a map, from where an earlier try has stopped. `progress` is a part of 1. */
export async function takePack(api: Api, item: PackItem, progress: (part: number) => void): Promise<Pack> {
  const dir = await folder();
  const handle = await dir.getFileHandle(nameOf(item), { create: true });
  let here = (await handle.getFile()).size;
  const { quota = Infinity, usage = 0 } = await navigator.storage.estimate();
  if (quota - usage < (item.bytes - here) * 1.1) throw new NoRoomForPack("There is no room for the map.");
  while (here < item.bytes) {
    progress(here / item.bytes);
    const last = Math.min(item.bytes, here + PIECE) - 1;
    const { response } = await api.ask(item.url, { headers: { range: `bytes=${here}-${last}` } });
    if (response.status !== 206) throw new Failed(response.ok ? "portal" : "busy", "The map did not come.");
    const piece = await response.arrayBuffer().catch(() => new ArrayBuffer(0));
    if (piece.byteLength !== last - here + 1) throw new Failed("offline", "The map broke off.");
    const writer = await handle.createWritable({ keepExistingData: true });
    await writer.write({ type: "write", position: here, data: piece });
    await writer.close();
    here += piece.byteLength;
  }
  const file = await handle.getFile();
  if ((await sha256(await file.arrayBuffer())) !== item.sha256) {
    await dir.removeEntry(nameOf(item));
    throw new Failed("portal", "Another file came than the map.");
  }
  const at = Date.now();
  const meta = await (await dir.getFileHandle(META, { create: true })).createWritable();
  await meta.write(JSON.stringify({ item, at }));
  await meta.close();
  await dropOthers(dir, item);
  progress(1);
  return { item, file, at };
}

async function dropOthers(dir: FileSystemDirectoryHandle, item: PackItem): Promise<void> {
  const names = (dir as unknown as { keys(): AsyncIterable<string> }).keys();
  for await (const name of names) if (name !== META && name !== nameOf(item)) await dir.removeEntry(name);
}
