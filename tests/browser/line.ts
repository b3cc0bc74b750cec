/** The line between a phone and the server: it can be good, cut, gone, or a Wi-Fi that shows its own page to everybody. */
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { existsSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

export type Quality =
  | "good"
  /** Nobody answers. */
  | "gone"
  /** Every address gives a page of HTML with status 200. */
  | "portal"
  /** Every answer breaks off in its middle. */
  | "cut";

/** Something that answers in place of the server at an address. */
type Stand = (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;

export class Line {
  quality: Quality = "good";
  /** Addresses that answer as if they were not there. */
  missing: RegExp | null = null;
  /** Requests to the API that came through, as `METHOD /path`. */
  readonly asked: string[] = [];
  /** Bytes that went up and down. */
  bytes = { up: 0, down: 0 };
  readonly #stands: Stand[] = [];
  readonly #server: Server;

  private constructor(private readonly to: string) {
    this.#server = createServer((asked, answer) => void this.#pass(asked, answer));
  }

  static async to(url: string): Promise<Line> {
    const line = new Line(url);
    await new Promise<void>((done) => line.#server.listen(0, "127.0.0.1", done));
    return line;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What answers first. */
  stands(stand: Stand): void {
    this.#stands.unshift(stand);
  }

  async end(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  async #pass(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    if (this.quality === "gone") {
      asked.socket.destroy();
      return;
    }
    if (this.quality === "portal") {
      asked.resume();
      answer.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>Sign in to the Wi-Fi</title>");
      return;
    }
    if (this.missing?.test(asked.url ?? "")) {
      asked.resume();
      answer.writeHead(404, { "content-type": "text/plain" }).end("Not found.");
      return;
    }
    for (const stand of this.#stands) if (await stand(asked, answer)) return;
    this.#on(asked, answer);
  }

  #on(asked: IncomingMessage, answer: ServerResponse): void {
    const { hostname, port } = new URL(this.to);
    const { host: _, ...headers } = asked.headers;
    const here = new URL(this.url).host;
    if (asked.url?.startsWith("/api/")) this.asked.push(`${asked.method} ${asked.url}`);
    const on = request(
      { hostname, port, path: asked.url, method: asked.method, headers: { ...headers, host: here } },
      (came) => {
        const length = Number(came.headers["content-length"] ?? 0);
        answer.writeHead(came.statusCode ?? 502, came.headers);
        let sent = 0;
        came.on("data", (piece: Buffer) => {
          this.bytes.down += piece.length;
          sent += piece.length;
          if (this.quality === "cut" && (length === 0 || sent > length / 2)) {
            answer.write(piece.subarray(0, Math.floor(piece.length / 2)));
            answer.destroy();
            came.destroy();
          } else answer.write(piece);
        });
        came.on("end", () => answer.end());
      },
    );
    on.on("error", () => asked.socket.destroy());
    asked.on("data", (piece: Buffer) => (this.bytes.up += piece.length));
    asked.pipe(on);
  }
}

const TYPES: Record<string, string> = {
  css: "text/css",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  mjs: "text/javascript; charset=utf-8",
  png: "image/png",
  svg: "image/svg+xml",
  wasm: "application/wasm",
  webmanifest: "application/manifest+json",
  woff2: "font/woff2",
};

/** For work on the app itself: its files from a folder (`web/dist`) in place of those that the program was built with. */
export function standsFor(dist: string, policy: string): Stand {
  return ({ url = "", method }, answer) => {
    const [path = ""] = url.split("?");
    if (method !== "GET" || !/^\/(field|assets)(\/|$)/.test(path)) return false;
    const file = join(dist, /^\/field(\/[^.]*)?$/.test(path) ? "field.html" : path);
    if (!existsSync(file)) return false;
    answer.writeHead(200, {
      "content-type": TYPES[file.split(".").at(-1) ?? ""] ?? "application/octet-stream",
      "content-security-policy": policy,
      "service-worker-allowed": "/field",
      "cache-control": "no-cache",
    });
    answer.end(readFileSync(file));
    return true;
  };
}
