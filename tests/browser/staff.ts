/** People of a team: they come by a link, choose a password and show a code from an app, as at a real desk. */
import { createHmac } from "node:crypto";
import { spawnSync } from "node:child_process";
import type { Planner } from "./planner.ts";
import type { Server } from "./server.ts";

/** The six digits that an authenticator app shows now (RFC 6238: SHA-1, 30 seconds). */
export function codeNow(secret: string, now = Date.now()): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  let bits = "";
  for (const letter of secret.replace(/[\s=]/g, "").toUpperCase()) {
    bits += letters.indexOf(letter).toString(2).padStart(5, "0");
  }
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 30_000)));
  const hash = createHmac("sha1", key).update(counter).digest();
  const at = (hash[19] ?? 0) & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** Runs `phteah` and answers what it printed. */
export function says(server: Pick<Server, "program" | "data">, words: string[]): string {
  const made = spawnSync(server.program, [...words, "--data", server.data ?? ""], { encoding: "utf8" });
  if (made.status !== 0) throw new Error(`phteah ${words.join(" ")} failed:\n${made.stderr}`);
  return made.stdout + made.stderr;
}

/** Makes an account and lets its owner come in by its link. */
export async function comesIn(
  planner: Planner,
  server: Pick<Server, "url" | "program" | "data">,
  name: string,
  role: string,
): Promise<void> {
  const [, path] =
    /(\/welcome\/\S+)/.exec(says(server, ["account", "add", name, "--role", role, "--team", "North"])) ?? [];
  if (!path) throw new Error("No link was printed.");
  const { page } = planner;
  await page.goto(server.url + path.replace(/[.,]$/, ""));
  for (const field of ["password", "again"]) await page.locator(`input[name=${field}]`).fill("three wet ducks");
  const code = page.locator("input[name=code]");
  if ((await code.count()) > 0) {
    await code.fill(codeNow((await page.locator("p > code").last().textContent()) ?? ""));
  }
  await page.locator("form button").click();
  await page.waitForURL("**/account");
}
