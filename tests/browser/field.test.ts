/** A field worker's day: enrolled by a code, recording without a network, sending when there is one. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
  await worker?.leaves().catch(() => undefined);
});

function newPhone(more: Partial<Phone> = {}): Phone {
  const folder = mkdtempSync(join(tmpdir(), "phteah-phone-"));
  folders.push(folder);
  return { folder, language: "en", ...more };
}

async function takes(phone: Phone): Promise<FieldWorker> {
  return (worker = await FieldWorker.with(phone, office.line.url));
}

/** Events at the office, as the command line takes them out. */
function stored(): string[] {
  const file = join(mkdtempSync(join(tmpdir(), "phteah-out-")), "events.ndjson");
  office.says(["registry", "export", file, "--open", "--why", "a story"]);
  const lines = readFileSync(file, "utf8").split("\n");
  rmSync(join(file, ".."), { recursive: true });
  // Each stands beside who brought it and when.
  return lines.filter(Boolean).map((line) => JSON.stringify((JSON.parse(line) as { event: unknown }).event));
}

describe("a field worker", () => {
  test("adds the phone, records without a network, and sends when there is one", async () => {
    const phone = newPhone();
    await takes(phone);
    await worker.opens();
    await worker.sees("Add this phone to a team");
    expect(await worker.barriers()).toEqual([]);
    await worker.keepsPicture("enrol");
    await worker.enrols(office.code());
    await worker.sees(/No household was recorded/);
    await worker.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await worker.keepsPicture("first-day");
    expect(await worker.barriers()).toEqual([]);
    expect(await worker.smallTargets()).toEqual([]);

    office.line.quality = "gone";
    await worker.surveys("Sok Dara");
    await worker.sees(/2 records wait/);
    await worker.keepsPicture("map");

    // The phone is put away and taken out again, with no network still.
    await worker.leaves();
    await takes(phone);
    await worker.opens();
    await worker.sees("Locked");
    await worker.keepsPicture("locked");
    await worker.unlocks();
    await worker.mapShown();
    await worker.turnsTo("Find");
    await worker.page.getByRole("searchbox").fill("sok");
    await worker.presses(/Sok Dara/);
    await worker.sees("On this phone");
    await worker.keepsPicture("household");
    expect(await worker.barriers()).toEqual([]);

    office.line.quality = "good";
    await worker.presses("Back");
    await worker.turnsTo("Sending");
    await worker.presses("Send now");
    await worker.sees("The office has everything");
    await worker.keepsPicture("sent");
    expect(await worker.barriers()).toEqual([]);
    await worker.turnsTo("Find");
    await worker.presses(/Sok Dara/);
    await worker.sees(/Received by the office, \d\d:\d\d/);
    expect(stored().filter((line) => line.includes("Sok Dara"))).toHaveLength(1);
    expect(worker.complaints).toEqual([]);
  });

  test("is asked one question at a time, in Khmer, with Khmer digits", async () => {
    await takes(newPhone());
    await worker.enrols(office.code());
    await worker.presses("Mark a household here");
    await worker.sees("Where the household is");
    await worker.sees(/Known to 6 m/);
    await worker.presses("Next");
    await worker.sees("This must be answered.");
    await worker.keepsPicture("question-required");
    expect(await worker.barriers()).toEqual([]);
    await worker.chooses("Yes");
    await worker.presses("ភាសាខ្មែរ");
    await worker.presses("បន្ទាប់");
    await worker.answers("ឈ្មោះពេញ", "ចាន់ ធី");
    await worker.presses("បន្ទាប់");
    await worker.answers("ចំនួនបន្ទប់", "២៥");
    await worker.presses("បន្ទាប់");
    await worker.sees("ពី 1 ដល់ 20");
    await worker.keepsPicture("question-khmer");
    expect(await worker.barriers()).toEqual([]);
    expect(await worker.smallTargets()).toEqual([]);
    await worker.answers("ចំនួនបន្ទប់", "៣");
    await worker.presses("បន្ទាប់");
    await worker.chooses("បាទ/ចាស");
    await worker.presses("បន្ទាប់");
    await worker.answers("ជម្រៅទឹក", "៤០");
    await worker.presses("បន្ទាប់");
    await worker.presses("បន្ថែម");
    await worker.answers("ឈ្មោះសមាជិក", "ដារ៉ា");
    await worker.presses("បន្ទាប់");
    await worker.answers("ឆ្នាំកំណើត", "១៩៩០");
    await worker.presses("បន្ទាប់");
    await worker.sees("បានបញ្ចូល 1");
    await worker.keepsPicture("repeat-khmer");
    // Who is asked about school follows from the age of the very member.
    await worker.presses("បន្ថែមមួយទៀត");
    await worker.answers("ឈ្មោះសមាជិក", "សុខា");
    await worker.presses("បន្ទាប់");
    await worker.answers("ឆ្នាំកំណើត", "២០១៨");
    await worker.presses("បន្ទាប់");
    await worker.answers("សាលា", "ព្រែកពួង");
    await worker.presses("បន្ទាប់");
    await worker.sees("បានបញ្ចូល 2");
    await worker.presses("បន្ទាប់");
    await worker.presses("បន្ទាប់");
    await worker.presses("បញ្ចប់ និងរក្សាទុក");
    await worker.sees("បានរក្សាទុកក្នុងទូរសព្ទនេះ");
    await worker.presses("ផែនទី");
    await worker.page.getByRole("navigation").getByRole("button", { name: /^ផ្ញើ/ }).click();
    await worker.sees("អង្គការបានទទួលទាំងអស់");
    await worker.keepsPicture("sent-khmer");
    const event = JSON.parse(stored().find((line) => line.includes("ចាន់ ធី")) ?? "{}") as {
      facts: Record<string, unknown>;
    };
    expect(event.facts).toMatchObject({
      "head.name": "ចាន់ ធី",
      "dwelling.rooms": 3,
      "dwelling.flooded_last_year": true,
      "dwelling.flood_depth_cm": 40,
    });
    const members = Object.entries(event.facts).filter(([path]) => path.startsWith("members/"));
    const known = new Map<string, Record<string, unknown>>();
    for (const [path, value] of members) {
      const [, id, field] = path.split("/");
      known.set(id ?? "", { ...known.get(id ?? ""), [field ?? ""]: value });
    }
    expect([...known.values()].sort((a, b) => Number(a["birth_year"]) - Number(b["birth_year"]))).toEqual([
      { birth_year: 1990, name: "ដារ៉ា" },
      { birth_year: 2018, name: "សុខា", school: "ព្រែកពួង" },
    ]);
    expect(worker.complaints).toEqual([]);
  });

  test("comes back at the same question after the phone died", async () => {
    const phone = newPhone();
    await takes(phone);
    await worker.enrols(office.code());
    await worker.presses("Mark a household here");
    await worker.chooses("Yes");
    await worker.presses("Next");
    await worker.answers("Full name", "Keo Died");
    await worker.presses("Next");
    await worker.answers("Number of rooms", "4");
    await worker.leaves();
    await takes(phone);
    await worker.opens();
    await worker.unlocks();
    await worker.mapShown();
    await worker.turnsTo("More");
    await worker.presses(/^Short survey/);
    await worker.page.getByRole("textbox", { name: "Number of rooms" }).waitFor();
    expect(await worker.page.getByRole("textbox", { name: "Number of rooms" }).inputValue()).toBe("4");
    await worker.page.locator("footer").getByRole("button", { name: "Back" }).click();
    expect(await worker.page.getByRole("textbox", { name: "Full name" }).inputValue()).toBe("Keo Died");
  });

  test("keeps nothing of a family that does not agree", async () => {
    await takes(newPhone());
    await worker.enrols(office.code());
    await worker.presses("Mark a household here");
    await worker.chooses("No");
    await worker.presses("Next");
    await worker.presses("Finish and keep");
    await worker.sees("The family does not agree: nothing was kept.");
    await worker.presses("Map");
    await worker.hasSent();
    await worker.turnsTo("More");
    expect(await worker.page.getByText("Begun and not finished").count()).toBe(0);
  });

  test("takes photos: small, without where and when, sent after their record", async () => {
    const phone = newPhone();
    await takes(phone);
    await worker.enrols(office.code());
    await worker.presses("Mark a household here");
    await worker.chooses("Yes");
    await worker.presses("Next");
    await worker.answers("Full name", "Photo Family");
    for (let n = 0; n < 3; n += 1) await worker.presses("Next");
    await worker.presses("Next");
    const photo = join(phone.folder, "photo.png");
    const picture = await worker.page.screenshot();
    writeFileSync(photo, picture);
    await worker.page.locator("input[type=file]").setInputFiles(photo);
    await worker.page.getByRole("img", { name: "Photo of the house" }).waitFor();
    await worker.saved();
    await worker.keepsPicture("photo");
    await worker.presses("Next");
    await worker.presses("Finish and keep");
    await worker.presses("Map");
    await worker.hasSent();
    const event = JSON.parse(stored().find((line) => line.includes("Photo Family")) ?? "{}") as {
      files: string[];
      facts: Record<string, unknown>;
    };
    expect(event.files).toHaveLength(1);
    expect(event.facts["dwelling.photo"]).toBe(event.files[0]);
    const asked = office.line.asked.filter((line) => line.includes(`/files/${event.files[0]}`));
    expect(asked.map((line) => line.split(" ")[0])).toEqual(["HEAD", "POST", "PATCH"]);
  });

  test("loses nothing to a Wi-Fi's own page, a broken line, or a server that is gone", async () => {
    await takes(newPhone());
    await worker.enrols(office.code());
    office.line.quality = "portal";
    await worker.surveys("Portal Family");
    await worker.turnsTo("Sending");
    await worker.presses("Send now");
    await worker.sees(/Another page answers instead of the office/);
    await worker.keepsPicture("portal");
    expect(await worker.barriers()).toEqual([]);
    office.line.quality = "cut";
    await worker.presses("Send now");
    await worker.sees(/No network/);
    await worker.sees(/records wait/);
    office.line.quality = "gone";
    await worker.presses("Send now");
    await worker.sees(/Nothing came through since/);
    office.line.quality = "good";
    await worker.presses("Send now");
    await worker.sees("The office has everything");
    expect(stored().filter((line) => line.includes("Portal Family"))).toHaveLength(1);
  });

  test("hands the queue over as a file, which the office takes in", async () => {
    const phone = newPhone();
    await takes(phone);
    await worker.enrols(office.code());
    office.line.quality = "gone";
    await worker.surveys("Handed Family");
    await worker.turnsTo("Sending");
    const [download] = await Promise.all([worker.page.waitForEvent("download"), worker.presses("Hand over as a file")]);
    const file = join(phone.folder, "queue.json");
    await download.saveAs(file);
    expect(download.suggestedFilename()).toMatch(/^phteah-\d{8}-\d{4}\.json$/);
    office.says(["field", "import", file]);
    office.says(["field", "import", file]);
    expect(stored().filter((line) => line.includes("Handed Family"))).toHaveLength(1);
    office.line.quality = "good";
    await worker.presses("Send now");
    await worker.sees("The office has everything");
    expect(stored().filter((line) => line.includes("Handed Family"))).toHaveLength(1);
  });

  test("is kept out by a wrong PIN, and by another tab", async () => {
    const phone = newPhone();
    await takes(phone);
    await worker.enrols(office.code());
    await worker.turnsTo("More");
    await worker.presses("Lock");
    await worker.sees("Locked");
    for (let n = 0; n < 5; n += 1) {
      await worker.unlocks("999999");
      await worker.page.getByRole("alert").waitFor();
    }
    await worker.sees(/Too many wrong PINs\. Wait 0:/);
    expect(await worker.page.getByRole("button", { name: "Unlock" }).isDisabled()).toBe(true);
    await worker.keepsPicture("wrong-pin");
    expect(await worker.barriers()).toEqual([]);
    const tab = await worker.context.newPage();
    await tab.goto(`${office.line.url}/field`);
    await tab.getByText("The app is open in another tab").first().waitFor();
    await tab.getByRole("button", { name: "Use it here" }).click();
    await tab.getByText("Locked").first().waitFor();
    await worker.sees("The app is open in another tab");
  });

  test("is told when the phone was revoked, and keeps what was not sent", async () => {
    await takes(newPhone());
    await worker.enrols(office.code());
    office.line.quality = "gone";
    await worker.surveys("Revoked Family");
    const devices = JSON.parse(office.says(["device", "list", "--json"])) as {
      devices?: { id: string; revoked?: unknown }[];
    };
    const list = devices.devices ?? (devices as unknown as { id: string }[]);
    const last = list.at(-1);
    office.says(["device", "revoke", last?.id ?? "", "--why", "lost"]);
    office.line.quality = "good";
    await worker.turnsTo("Sending");
    await worker.presses("Send now");
    await worker.sees(/no longer part of the team/);
    await worker.sees(/2 records wait/);
    await worker.turnsTo("Map");
    await worker.sees("This phone is no longer part of the team");
    await worker.keepsPicture("revoked");
    expect(await worker.barriers()).toEqual([]);
  });

  test("goes on without a position", async () => {
    await takes(newPhone({ refuses: ["geolocation"] }));
    await worker.enrols(office.code());
    await worker.sees(/gives no position/);
    await worker.keepsPicture("no-position");
    await worker.surveys("Nowhere Family");
    await worker.hasSent();
    expect(stored().filter((line) => line.includes("Nowhere Family") && !line.includes('"location"'))).toHaveLength(1);
  });

  test("can read it at twice the size", async () => {
    await takes(newPhone({ viewport: { width: 360, height: 640 } }));
    await worker.enrols(office.code());
    await worker.page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
    for (const part of ["Visits", "Find", "Sending", "More"]) {
      await worker.turnsTo(part);
      const width = await worker.page.evaluate(() => document.documentElement.scrollWidth);
      expect(width, part).toBeLessThanOrEqual(360);
      await worker.keepsPicture(`large-${part.toLowerCase()}`);
      expect(await worker.barriers(), part).toEqual([]);
    }
  });

  test("leaves nothing readable on the phone", async () => {
    const phone = newPhone();
    await takes(phone);
    await worker.enrols(office.code());
    await worker.surveys("Zanzibar Secret");
    await worker.turnsTo("More");
    await worker.presses("Lock");
    const dump = await worker.page.evaluate(dumped);
    expect(dump.length).toBeGreaterThan(10_000);
    for (const secret of ["Zanzibar", PIN, "Keo Neary", "head.name", "Bearer"])
      expect(dump, secret).not.toContain(secret);
  });
});

/** Everything that the page's browser keeps, as one text: the database, the caches but for the app's own files, the files. */
async function dumped(): Promise<string> {
  const parts: string[] = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage })];
  const said = (value: unknown): string => {
    if (value instanceof Uint8Array || value instanceof ArrayBuffer) return new TextDecoder("utf-8").decode(value);
    if (Array.isArray(value)) return value.map(said).join(" ");
    if (value && typeof value === "object" && !(value instanceof CryptoKey)) {
      return Object.entries(value)
        .map(([name, part]) => `${name} ${said(part)}`)
        .join(" ");
    }
    return String(value);
  };
  for (const { name = "" } of await indexedDB.databases()) {
    const db = await new Promise<IDBDatabase>((done, fail) => {
      const asked = indexedDB.open(name);
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => fail(asked.error);
    });
    for (const store of db.objectStoreNames) {
      const all = db.transaction(store).objectStore(store).getAll();
      await new Promise((done) => (all.onsuccess = done));
      parts.push(said(all.result));
    }
    db.close();
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      parts.push(request.url);
      // The app's own files are the same for everybody and hold words such as the names of facts.
      if (!name.startsWith("phteah-field-app-")) parts.push((await (await cache.match(request))?.text()) ?? "");
    }
  }
  const files = async (folder: FileSystemDirectoryHandle): Promise<void> => {
    for await (const [name, handle] of folder as unknown as AsyncIterable<[string, FileSystemHandle]>) {
      parts.push(name);
      if (handle.kind === "directory") await files(handle as FileSystemDirectoryHandle);
      else parts.push(await (await (handle as FileSystemFileHandle).getFile()).text());
    }
  };
  await files(await navigator.storage.getDirectory());
  return parts.join("\n");
}
