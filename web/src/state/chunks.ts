/** Parts of the page that come when they are needed, over networks that fail now and then. */
import { api } from "../api/client";

const FIRST_WAIT_MS = 400;
const TRIES = 4;

type Wait = (milliseconds: number) => Promise<void>;
const sleep: Wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
type Import = (address: string) => Promise<unknown>;
/** What does not come because a session is over comes to nobody: a request that is answered says so. */
const whoIsThere = (): Promise<unknown> => api.deployment().catch(() => null);
const natively: Import = (address) => import(/* @vite-ignore */ address);

/**
 * Loads a chunk, and tries again when that failed. Some browsers remember a failure for as long as the page is open: then
 * the same file is asked for under another address, which they take for another one.
 */
export async function loaded<T>(
  load: () => Promise<T>,
  wait: Wait = sleep,
  again: Import = natively,
  probe = whoIsThere,
): Promise<T> {
  let cause: unknown;
  for (let tried = 0; tried < TRIES; tried += 1) {
    if (tried > 0) await wait(FIRST_WAIT_MS * 2 ** (tried - 1));
    try {
      return await load();
    } catch (failure) {
      cause = failure;
      if (tried === 0) void probe();
    }
    await wear(failedStyles(cause));
    const address = failedAddress(cause);
    if (tried === 0 || address === null) continue;
    try {
      return (await again(`${address}?again=${tried}`)) as T;
    } catch (failure) {
      cause = failure;
    }
  }
  throw cause;
}

/** Styles that did not come with a chunk; the bundle's own loader asks for them only once. */
function failedStyles(cause: unknown): string | null {
  return /Unable to preload CSS for (\S+\.css)/.exec(cause instanceof Error ? cause.message : "")?.[1] ?? null;
}

async function wear(styles: string | null): Promise<void> {
  if (styles === null) return;
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = `${styles}?again`;
  await new Promise<void>((resolve) => {
    // Without its styles a part of the page still works.
    link.onload = link.onerror = () => resolve();
    document.head.append(link);
  });
}

/** The address that a browser names when a module cannot be fetched; not all of them do. */
function failedAddress(cause: unknown): string | null {
  const message = cause instanceof Error ? cause.message : "";
  return /https?:\/\/[^\s'"?]+\.js\b/.exec(message)?.[0] ?? null;
}
