/** Asking the server, and telling apart why it did not answer. */

/** Why nothing came of a request. */
export type Trouble =
  /** No network, or it broke off. */
  | "offline"
  /** Something else answered: the page of a Wi-Fi that wants a sign-in. */
  | "portal"
  /** The server is busy or being restarted. */
  | "busy"
  /** This phone was revoked, or its worker has left the team. */
  | "revoked"
  /** The server refused, and will refuse again. */
  | "refused"
  /** What came finds no room on this phone. */
  | "no_room";

export class Failed extends Error {
  constructor(
    readonly trouble: Trouble,
    message: string,
    /** The server's own code. */
    readonly code: string | null = null,
    /** Seconds that the server asks to wait. */
    readonly after: number | null = null,
  ) {
    super(message);
  }
}

/** The server may take a minute; a phone on a thin line takes longer to send. */
const PATIENCE_MS = 150_000;

export interface Asked {
  response: Response;
  /** Milliseconds that it took. */
  elapsed: number;
}

export class Api {
  constructor(
    private readonly token: string | null,
    private readonly fetcher: typeof fetch = (input, init) => fetch(input, init),
  ) {}

  /** The answer, whatever its status, if it was the server that answered. */
  async ask(path: string, init: RequestInit = {}): Promise<Asked> {
    const begun = Date.now();
    const headers = new Headers(init.headers);
    if (this.token !== null) headers.set("authorization", `Bearer ${this.token}`);
    let response: Response;
    try {
      // A redirect is never the server's: it would lead to the sign-in page of a Wi-Fi.
      const signal = AbortSignal.timeout(PATIENCE_MS);
      // Without credentials a refusal never becomes the browser's own dialog for names and passwords.
      const line: RequestInit = { redirect: "manual", cache: "no-store", credentials: "omit", signal };
      response = await this.fetcher(path, { ...init, ...line, headers });
    } catch (cause) {
      throw new Failed("offline", cause instanceof Error ? cause.message : String(cause));
    }
    if (
      response.type === "opaqueredirect" ||
      (response.status >= 300 && response.status < 400 && response.status !== 304)
    ) {
      throw new Failed("portal", "Another page answered.");
    }
    return { response, elapsed: Date.now() - begun };
  }

  /** An answer as JSON. */
  async json<T>(path: string, init: RequestInit = {}): Promise<{ body: T; elapsed: number; etag: string | null }> {
    const { response, elapsed } = await this.ask(path, init);
    if (!response.ok) throw await refusal(response);
    const body = await jsonOf(response);
    return { body: body as T, elapsed, etag: response.headers.get("etag") };
  }

  post<T>(path: string, body: string): Promise<{ body: T; elapsed: number; etag: string | null }> {
    return this.json<T>(path, { method: "POST", body, headers: { "content-type": "application/json" } });
  }
}

async function jsonOf(response: Response): Promise<unknown> {
  const isJson = response.headers.get("content-type")?.startsWith("application/json") ?? false;
  if (!isJson) throw new Failed("portal", "Another page answered.");
  try {
    return await response.json();
  } catch (cause) {
    // Cut off on the way.
    throw new Failed("offline", cause instanceof Error ? cause.message : String(cause));
  }
}

interface ErrorBody {
  error?: { code?: string; message?: string };
  code?: string;
  message?: string;
}

const GONE = ["device_revoked", "bad_key"];

/** What a refusal means for a phone. */
export async function refusal(response: Response): Promise<Failed> {
  const isJson = response.headers.get("content-type")?.includes("json") ?? false;
  const after = Number(response.headers.get("retry-after"));
  const wait = Number.isFinite(after) && after > 0 ? after : null;
  if (!isJson) {
    return response.status >= 500 || response.status === 429
      ? new Failed("busy", "The server does not answer.", null, wait)
      : new Failed("portal", "Another page answered.");
  }
  const body = (await response.json().catch(() => ({}))) as ErrorBody;
  const { code = null, message = "" } = body.error ?? body;
  if (code !== null && GONE.includes(code)) return new Failed("revoked", message, code);
  if (response.status >= 500 || response.status === 429) return new Failed("busy", message, code, wait);
  return new Failed("refused", message, code);
}
