/** What the server tells a phone before it goes out. */
import type { Schedule } from "../fold/due";
import type { FormItem } from "../forms/mapping";
import { sha256, textFrom, type Bytes } from "../core/bytes";
import type { Vault } from "../vault/vault";
import { Failed, refusal, type Api } from "./api";

export interface Words {
  en?: string;
  km?: string;
}

export interface PackItem {
  id: string;
  version: string;
  bytes: number;
  title: Words;
  bounds: [number, number, number, number];
  min_zoom: number;
  max_zoom: number;
  sha256: string;
  url: string;
}

export interface ServiceItem {
  id: string;
  layer: string;
  kind: string;
  name: string | null;
  name_km: string | null;
  lon: number;
  lat: number;
  opened?: string | null;
  closed?: string | null;
}

export interface SiteItem {
  id: string;
  name: string | null;
  name_km: string | null;
  lon: number;
  lat: number;
}

interface List<T> {
  version: string;
  items: T[];
}

export interface Setup {
  area: { version: string; everywhere: boolean; sangkats: string[] };
  schedule: Schedule & { version: string };
  forms: List<FormItem>;
  services: List<ServiceItem>;
  map_packs: List<PackItem> & { being_made?: boolean };
  sites?: List<SiteItem>;
  limits: { events: number; events_bytes: number; changes: number; file_bytes: number; piece_bytes: number };
}

export interface Task {
  id: string;
  question: Words;
  site: { id: string; name: string; lon: number; lat: number } | null;
  asked_by: string;
  asked_on: string;
  due?: string;
}

const isSetup = (body: unknown): body is Setup => {
  const setup = body as Partial<Setup> | null;
  return Array.isArray(setup?.forms?.items) && Array.isArray(setup.schedule?.visits) && setup.limits !== undefined;
};

/** Asks for the setup, and for the forms in it that are not here yet. The kept one stays where nothing changed. */
export async function takeSetup(api: Api, vault: Vault): Promise<Setup> {
  const kept = await vault.thing<{ etag: string | null; setup: Setup }>("setup");
  const headers = kept?.etag ? { "if-none-match": kept.etag } : undefined;
  const { response } = await api.ask("/api/field/setup", { headers });
  let setup = kept?.setup;
  let etag = kept?.etag ?? null;
  if (response.status !== 304 || !setup) {
    if (!response.ok) throw await refusal(response);
    const body: unknown = await response.json().catch(() => null);
    if (!isSetup(body)) throw new Failed("portal", "Another page answered.");
    setup = body;
    etag = response.headers.get("etag");
  }
  // A setup counts once all of its forms are here: a form that is listed can be filled.
  for (const form of setup.forms.items) {
    await takeFile(api, vault, formName(form.id, form.version), form.form);
    for (const media of form.media ?? []) await takeFile(api, vault, mediaName(media.sha256), media);
  }
  if (etag !== kept?.etag || !kept) {
    await keepItems(vault, setup.forms.items);
    await vault.putThing("setup", { etag, setup });
  }
  return setup;
}

/** Every version of a form that was ever here stays: a draft goes on with the one that it was begun with. */
async function keepItems(vault: Vault, items: FormItem[]): Promise<void> {
  const before = (await vault.thing<FormItem[]>("items")) ?? [];
  const isNew = (item: FormItem) => !items.some(({ id, version }) => id === item.id && version === item.version);
  await vault.putThing("items", [...before.filter(isNew), ...items]);
}

export const formName = (id: string, version: string): string => `form ${id} ${version}`;
export const mediaName = (hash: string): string => `media ${hash}`;

interface Listed {
  url: string;
  sha256: string;
}

async function takeFile(api: Api, vault: Vault, name: string, { url, sha256: wanted }: Listed): Promise<void> {
  if ((await vault.thing<{ sha256: string }>(`${name} mark`))?.sha256 === wanted) return;
  const { response } = await api.ask(url);
  if (!response.ok) throw await refusal(response);
  const bytes = new Uint8Array(await response.arrayBuffer().catch(() => new ArrayBuffer(0)));
  // Whatever answered: only the very file that the setup names is kept.
  if ((await sha256(bytes)) !== wanted)
    throw new Failed("portal", "Another file came than the one that was asked for.");
  await vault.putThing(name, { base64: toBase64(bytes) });
  await vault.putThing(`${name} mark`, { sha256: wanted });
}

export function toBase64(bytes: Bytes): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

export function fromBase64(text: string): Bytes {
  const plain = atob(text);
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

export async function keptForm(vault: Vault, id: string, version: string): Promise<string | null> {
  const kept = await vault.thing<{ base64: string }>(formName(id, version));
  return kept && textFrom(fromBase64(kept.base64));
}

export async function keptMedia(vault: Vault, hash: string): Promise<Bytes | null> {
  const kept = await vault.thing<{ base64: string }>(mediaName(hash));
  return kept && fromBase64(kept.base64);
}
