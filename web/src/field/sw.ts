/**
 * The service worker: it holds the app's own files, so that the app opens without a network. It holds nothing about people.
 *
 * Every file is named with its hash when the app is built, and counts only if what came has that hash: a Wi-Fi's sign-in page
 * never becomes a part of the app. A new version waits until no page of the old one is open, or until the page says that
 * it is at rest and alone; it never takes over from under a form.
 */

/** What the build writes in here. */
declare const FIELD_VERSION: string;
declare const FIELD_FILES: [path: string, sha256: string][];

interface Worker {
  skipWaiting(): Promise<void>;
  clients: {
    claim(): Promise<void>;
    matchAll(options?: { includeUncontrolled?: boolean; type?: string }): Promise<unknown[]>;
  };
  addEventListener(type: "install" | "activate", listener: (event: Extendable) => void): void;
  addEventListener(type: "fetch", listener: (event: Fetching) => void): void;
  addEventListener(type: "message", listener: (event: Extendable & { data: unknown }) => void): void;
}
interface Extendable {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetching extends Extendable {
  request: Request;
  respondWith(response: Promise<Response>): void;
}

const worker = self as unknown as Worker;
const PREFIX = "phteah-field-app-";
/** Another number, and nothing is taken over from the copies of before: those of the first kind may bear another page's policy. */
const REVISION = `${PREFIX}2-`;
const CACHE = REVISION + FIELD_VERSION;
const PAGE = "/field";
const files = FIELD_FILES;
const known = new Map(files);

worker.addEventListener("install", (event) => event.waitUntil(install()));
worker.addEventListener("activate", (event) => event.waitUntil(activate()));

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  const isPage = request.mode === "navigate" && (url.pathname === PAGE || /^\/field\/[^.]*$/.test(url.pathname));
  const path = isPage ? PAGE : url.pathname;
  if (known.has(path)) event.respondWith(kept(path, request));
});

worker.addEventListener("message", (event) => {
  if (event.data === "put in place") event.waitUntil(whenAlone());
});

async function install(): Promise<void> {
  const cache = await caches.open(CACHE);
  await Promise.all(
    files.map(async ([path, hash]) => {
      if (await cache.match(path)) return;
      const response = (await earlier(path, hash)) ?? (await asked(path, hash));
      await cache.put(path, response);
    }),
  );
}

/** A file that an earlier version already has is not asked for again. */
async function earlier(path: string, hash: string): Promise<Response | null> {
  for (const name of await caches.keys()) {
    if (!name.startsWith(REVISION) || name === CACHE) continue;
    const response = await (await caches.open(name)).match(path);
    if (response && (await hashOf(response.clone())) === hash) return response;
  }
  return null;
}

async function asked(path: string, hash: string): Promise<Response> {
  // From the server itself: what the browser keeps of the page may bear the headers of an earlier answer.
  const response = await fetch(path, { cache: "reload", credentials: "omit" });
  if (!response.ok || response.redirected || (await hashOf(response.clone())) !== hash) {
    throw new Error(`Something else came than ${path}.`);
  }
  return response;
}

async function hashOf(response: Response): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await response.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function activate(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  // Only the very first version takes pages over that were opened without it.
  if (old.length === 0) await worker.clients.claim();
  await Promise.all(old.map((name) => caches.delete(name)));
}

async function kept(path: string, request: Request): Promise<Response> {
  const response = await (await caches.open(CACHE)).match(path);
  return response ?? fetch(request);
}

/** The page has asked to be replaced: it is at rest, and begins anew as soon as this version is in place. */
async function whenAlone(): Promise<void> {
  const pages = await worker.clients.matchAll({ type: "window" });
  if (pages.length <= 1) await worker.skipWaiting();
}
