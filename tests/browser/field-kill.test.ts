/**
 * The phone dies at any moment: the browser's process is killed at random points of filling, keeping and sending. What the screen had
 * called saved is there afterwards, and what it had called kept is at the office in the end, once. `PHTEAH_KILLS` tries more.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chromium, type Browser, type Page } from "playwright-core";
import { givenATeam, HERE, PIN, SMALL, type Deployment } from "./field-worker.ts";

const KILLS = Number(process.env["PHTEAH_KILLS"] ?? 20);
/** From unlocking to well after one household was sent. */
const LONGEST_MS = 6000;

let office: Deployment;
let folder: string;
let child: ChildProcess | null = null;
let browser: Browser | null = null;

beforeAll(async () => {
  office = await givenATeam();
  folder = mkdtempSync(join(tmpdir(), "phteah-killed-"));
});

afterAll(async () => {
  await browser?.close().catch(() => undefined);
  child?.kill("SIGKILL");
  await office?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts the phone's browser as a process of ours, which can be killed. */
async function start(): Promise<Page> {
  child = spawn(
    process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    [
      "--headless",
      "--no-sandbox",
      "--use-gl=angle",
      "--use-angle=swiftshader",
      "--enable-unsafe-swiftshader",
      "--disable-background-networking",
      "--no-first-run",
      "--hide-crash-restore-bubble",
      "--remote-debugging-port=0",
      `--user-data-dir=${folder}`,
      "about:blank",
    ],
    { stdio: ["ignore", "ignore", "pipe"], detached: true },
  );
  const address = await new Promise<string>((found, lost) => {
    let said = "";
    child?.stderr?.on("data", (piece: Buffer) => {
      said += piece.toString();
      const at = /DevTools listening on (ws:\S+)/.exec(said)?.[1];
      if (at) found(at);
    });
    child?.once("exit", () => lost(new Error(`The browser ended at its start:\n${said}`)));
  });
  browser = await chromium.connectOverCDP(address);
  const [context] = browser.contexts();
  if (!context) throw new Error("The browser has no window.");
  await context.grantPermissions(["geolocation"], { origin: office.line.url });
  await context.setGeolocation(HERE);
  const page = await context.newPage();
  await page.setViewportSize(SMALL);
  await page.addInitScript(() => localStorage.setItem("phteah-field.lang", "en"));
  return page;
}

/** As a battery that falls out: nothing is written after this. */
async function kill(): Promise<void> {
  const dead = new Promise((done) => child?.once("exit", done));
  if (child?.pid) process.kill(-child.pid, "SIGKILL");
  await dead;
  child = null;
}

const press = (page: Page, name: string | RegExp) =>
  page
    .getByRole("button", { name, exact: typeof name === "string" })
    .first()
    .click();
const saved = (page: Page) => page.locator("html[data-form=saved]").waitFor();

/** What the screen has promised. */
interface Promised {
  /** A name that was called saved, in a form that was not finished. */
  saved: string | null;
  kept: Set<string>;
}

/** Fills, keeps and sends one household after another until the phone dies. */
async function works(page: Page, n: number, promised: Promised): Promise<void> {
  for (let each = 0; ; each += 1) {
    const name = `Killed ${n}-${each}`;
    await press(page, "Mark a household here");
    await page.getByRole("radio", { name: "Yes", exact: true }).check();
    await saved(page);
    await press(page, "Next");
    await page.getByRole("textbox", { name: "Full name" }).fill(name);
    await saved(page);
    promised.saved = name;
    for (let step = 0; step < 5; step += 1) await press(page, "Next");
    // From here on the form may or may not be finished when the phone dies.
    promised.saved = null;
    await press(page, "Finish and keep");
    await page.getByText("Kept on this phone").first().waitFor();
    promised.kept.add(name);
    await press(page, "Map");
  }
}

async function opens(page: Page): Promise<void> {
  await page.goto(`${office.line.url}/field`);
  await page.getByLabel("PIN", { exact: true }).fill(PIN);
  await press(page, "Unlock");
  await page.locator("html[data-state=open]").waitFor();
}

/** Opens each form that was begun, reads the name in it, and discards it. */
async function lookThrough(page: Page): Promise<string[]> {
  const names: string[] = [];
  await press(page, /^More/);
  const drafts = page.getByRole("button", { name: /^Short survey/ });
  for (let left = await drafts.count(); left > 0; left -= 1) {
    await drafts.first().click();
    await page.locator("html[data-form]").waitFor();
    const field = page.getByRole("textbox", { name: "Full name" });
    const back = page.locator("footer").getByRole("button", { name: "Back" });
    while ((await field.count()) === 0 && (await back.isEnabled())) await back.click();
    if ((await field.count()) > 0) names.push(await field.inputValue());
    await page.locator("header").getByRole("button", { name: "Leave the form" }).click();
    await page.locator("dialog").getByRole("button", { name: "Discard the form" }).click();
    await page.locator("dialog button.alarm").click();
    await page.getByRole("navigation").waitFor();
  }
  await press(page, /^Map/);
  return names;
}

/** Events at the office that name a household. */
function stored(): string[] {
  const file = join(mkdtempSync(join(tmpdir(), "phteah-out-")), "events.ndjson");
  office.says(["registry", "export", file, "--open", "--why", "a story"]);
  const lines = readFileSync(file, "utf8").split("\n");
  rmSync(join(file, ".."), { recursive: true });
  return lines.flatMap((line) => /"head\.name":"(Killed [^"]+)"/.exec(line)?.[1] ?? []);
}

test(
  `loses nothing when the phone dies ${KILLS} times`,
  async () => {
    const first = await start();
    await first.goto(`${office.line.url}/field#enrol=${office.code()}`);
    await press(first, "Add this phone");
    await first.getByLabel("PIN", { exact: true }).fill(PIN);
    await first.getByLabel("The PIN again").fill(PIN);
    await press(first, "Keep the PIN");
    await press(first, "Start");
    await first.locator("html[data-state=open]").waitFor();
    await kill();

    const promised: Promised = { saved: null, kept: new Set() };
    for (let n = 0; n < KILLS; n += 1) {
      const page = await start();
      await opens(page);
      const drafts = await lookThrough(page);
      if (promised.saved !== null) expect(drafts).toContain(promised.saved);
      promised.saved = null;
      const work = works(page, n, promised).catch(() => undefined);
      await new Promise((rest) => setTimeout(rest, Math.random() * LONGEST_MS));
      await kill();
      await work;
    }

    const last = await start();
    await opens(last);
    await press(last, /^Sending/);
    await last.getByText("The office has everything").first().waitFor();
    const names = stored();
    expect(promised.kept.size).toBeGreaterThan(0);
    expect([...promised.kept].filter((name) => !names.includes(name))).toEqual([]);
    expect(names.length).toBe(new Set(names).size);
  },
  KILLS * 30_000,
);
