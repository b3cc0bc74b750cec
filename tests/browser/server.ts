/** Starts the real `phteah` on an illustrative city of its own, on a free port of this machine. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** The smallest city in which some sites are excluded. */
const PARCELS = process.env["PHTEAH_PARCELS"] ?? "6000";
const START_WITHIN_MS = 60_000;

export interface Server {
  url: string;
  /** The program, for what a person would do at a terminal. */
  program: string;
  /** Its data directory; null where somebody else started it. */
  data: string | null;
  /** Stops the server as a power cut would; nothing answers at its address afterwards. */
  kill(): Promise<void>;
  /** Starts it again at the same address. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

function program(): string {
  const path = resolve(root, process.env["PHTEAH_BIN"] ?? "target/debug/phteah");
  if (!existsSync(path)) throw new Error(`There is no ${path}: build it with \`cargo build --bin phteah\`.`);
  return path;
}

/** A server over a city made by `phteah demo`. */
export async function givenACity(): Promise<Server> {
  const running = process.env["PHTEAH_URL"];
  // For work on the page itself: tests then run against whatever is served there.
  if (running) return { url: running, program: program(), data: null, kill: nothing, restart: nothing, stop: nothing };
  return givenADeployment((data) => runs(["demo", "--data", data, "--parcels", PARCELS, "--households", "0"]));
}

/** Runs `phteah` to its end. */
export function runs(words: string[]): void {
  const made = spawnSync(program(), words, { encoding: "utf8" });
  if (made.status !== 0) throw new Error(`phteah ${words[0]} failed (${made.status}):\n${made.stderr}`);
}

/** A server over a data directory that `prepare` fills. */
export async function givenADeployment(prepare: (data: string) => void): Promise<Server> {
  const bin = program();
  const data = mkdtempSync(join(tmpdir(), "phteah-browser-"));
  prepare(data);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let child = await start(bin, data, port, url);
  const kill = async () => {
    const ended = new Promise((done) => child.once("exit", done));
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await ended;
  };
  return {
    url,
    program: bin,
    data,
    kill,
    restart: async () => {
      child = await start(bin, data, port, url);
    },
    stop: async () => {
      await kill();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

async function nothing(): Promise<void> {
  // A server that somebody else started is left as it is.
}

async function start(bin: string, data: string, port: number, url: string): Promise<ChildProcess> {
  const child = spawn(bin, ["serve", "--data", data, "--listen", `127.0.0.1:${port}`, "--open=illustrative"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const deadline = Date.now() + START_WITHIN_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`phteah serve ended with ${child.exitCode}:\n${said}`);
    const answers = await fetch(`${url}/health`).then(
      (response) => response.ok,
      () => false,
    );
    if (answers) return child;
    await new Promise((wait) => setTimeout(wait, 50));
  }
  child.kill("SIGKILL");
  throw new Error(`phteah serve does not answer at ${url}:\n${said}`);
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once("error", fail);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => (typeof address === "object" && address ? done(address.port) : fail(new Error("no port"))));
    });
  });
}
