/** A phone in trouble: its page is opened again and again, its engine does not load, its room is used up. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { FieldWorker, givenATeam, PIN, type Deployment, type Phone } from "./field-worker.ts";

let office: Deployment;
let worker: FieldWorker;
const folders: string[] = [];

beforeAll(async () => {
  office = await givenATeam();
});

afterAll(async () => {
  await office?.stop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

afterEach(async () => {
  office.line.quality = "good";
  office.line.missing = null;
  await worker?.leaves().catch(() => undefined);
});

async function takes(more: Partial<Phone> = {}): Promise<FieldWorker> {
  const folder = mkdtempSync(join(tmpdir(), "phteah-phone-"));
  folders.push(folder);
  return (worker = await FieldWorker.with({ folder, language: "en", ...more }, office.line.url));
}

describe("a phone in trouble", () => {
  test("opens forms after the page was loaded again, from the server and from its own copy", async () => {
    await takes();
    // The page as the browser keeps it, before there is a service worker: the server says that nothing has changed.
    await worker.opens();
    await worker.page.reload();
    await worker.enrols(office.code());
    await worker.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    for (let n = 0; n < 2; n += 1) {
      await worker.page.reload();
      await worker.unlocks();
      await worker.mapShown();
      await worker.presses("Mark a household here");
      await worker.chooses("Yes");
      await worker.goesBackToTheMap();
    }
    const camera = await worker.page.evaluate(() => navigator.mediaDevices.getUserMedia({ video: true, audio: true }));
    expect(camera).toBeDefined();
    expect(worker.complaints).toEqual([]);
  });

  test("says that its engine did not load, and goes on with the same answers when it does", async () => {
    await takes();
    office.line.missing = /\/engine-[^/]*\.wasm$/;
    await worker.enrols(office.code());
    await worker.presses("Mark a household here");
    await worker.sees("This form cannot be opened");
    await worker.sees("A part of the app did not load");
    expect(await worker.barriers()).toEqual([]);
    await worker.keepsPicture("engine-missing");
    office.line.missing = null;
    await worker.presses("Try again");
    await worker.unlocks();
    await worker.mapShown();
    await worker.turnsTo("More");
    await worker.presses(/^Short survey/);
    await worker.chooses("Yes");
  });

  test("opens when it is full, says so, and sending makes room", async () => {
    await takes();
    await worker.enrols(office.code());
    office.line.quality = "gone";
    await worker.surveys("Full Family");
    await worker.turnsTo("More");
    await worker.presses("Lock");
    await worker.sees("Locked");
    const emptied = await worker.phoneIsFull();
    await worker.unlocks();
    await worker.mapShown();
    // Something must be kept: it is said that it was not.
    await worker.turnsTo("Find");
    await worker.page.getByRole("searchbox").fill("full");
    await worker.presses(/Full Family/);
    await worker.presses("Nobody there");
    await worker.presses("Nobody there");
    await worker.sees("Not kept: this phone has no room left");
    expect(await worker.barriers()).toEqual([]);
    await worker.keepsPicture("full");
    office.line.quality = "good";
    await worker.presses("Sending");
    await worker.presses("Send now");
    await worker.sees("The office has everything");
    await worker.turnsTo("More");
    await worker.presses("Lock");
    await worker.unlocks(PIN);
    await worker.mapShown();
    await emptied();
    expect(worker.complaints).toEqual([]);
  });
});
