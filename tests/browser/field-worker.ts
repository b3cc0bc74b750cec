/** A field worker with a phone: what they do and what they see, in their words. */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import { Line, standsFor } from "./line.ts";
import { givenADeployment, runs, type Server } from "./server.ts";
import { FORM_ITEM, FORM_PATH, XFORM } from "./small-form.ts";

export const PIN = "402917";
/** In Phnom Penh, in nobody's house. */
export const HERE = { latitude: 11.5564, longitude: 104.9282, accuracy: 6 };
export const SMALL = { width: 360, height: 640 };
export const WORKER = "Keo Neary";

const pictures = process.env["PHTEAH_SCREENSHOTS"] ?? join(tmpdir(), "phteah-screenshots");

/** As the server's `field/page.rs` has it. */
const POLICY =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data: blob:; media-src 'self' blob:; worker-src 'self' blob:; connect-src 'self' blob:; style-src 'self'; style-src-attr 'unsafe-inline'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

export interface Deployment extends Server {
  line: Line;
  /** A new code for the worker's phone. */
  code(): string;
  /** What `phteah` prints. */
  says(words: string[]): string;
}

/** A server with one team and one worker, whose setup lists a small form, and a line to it. */
export async function givenATeam(): Promise<Deployment> {
  const server = await givenADeployment((data) => {
    runs(["team", "add", "North", "--area", "120101,120102", "--data", data]);
    runs(["account", "add", WORKER, "--role", "field-worker", "--team", "North", "--data", data]);
  });
  const line = await Line.to(server.url);
  const dist = process.env["PHTEAH_FIELD_DIST"];
  if (dist) line.stands(standsFor(dist, POLICY));
  line.stands(async ({ url, headers }, answer) => {
    if (url === FORM_PATH) {
      answer.writeHead(200, { "content-type": "application/xml" }).end(XFORM);
      return true;
    }
    if (url !== "/api/field/setup") return false;
    const came = await fetch(server.url + url, { headers: { authorization: headers.authorization ?? "" } });
    const body = await came.text();
    if (!came.ok) {
      answer.writeHead(came.status, { "content-type": "application/json" }).end(body);
      return true;
    }
    const setup = JSON.parse(body) as { forms: { version: string; items: unknown[] } };
    setup.forms = { version: "of the story", items: [FORM_ITEM] };
    answer.writeHead(200, { "content-type": "application/json", etag: '"of the story"' }).end(JSON.stringify(setup));
    return true;
  });
  const says = (words: string[]): string => {
    const ran = spawnSync(server.program, [...words, "--data", server.data ?? ""], { encoding: "utf8" });
    if (ran.status !== 0) throw new Error(`phteah ${words.join(" ")} failed: ${ran.stderr}`);
    return ran.stdout;
  };
  return {
    ...server,
    line,
    says,
    code: () => {
      const said = says(["device", "code", "--worker", WORKER, "--json"]);
      return (JSON.parse(said) as { code: string }).code;
    },
    stop: async () => {
      await line.end();
      await server.stop();
    },
  };
}

export interface Phone {
  /** Where its browser keeps what it keeps; the same folder is the same phone. */
  folder: string;
  language?: "km" | "en";
  viewport?: { width: number; height: number };
  refuses?: ("geolocation" | "camera")[];
}

export class FieldWorker {
  readonly complaints: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly url: string,
  ) {}

  /** Takes the phone into the hand: its browser is started with what it kept. */
  static async with(phone: Phone, url: string): Promise<FieldWorker> {
    mkdirSync(pictures, { recursive: true });
    const context = await chromium.launchPersistentContext(phone.folder, {
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
      args: [
        "--headless",
        "--no-sandbox",
        "--use-gl=angle",
        "--use-angle=swiftshader",
        "--enable-unsafe-swiftshader",
        "--disable-background-networking",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
      ],
      viewport: phone.viewport ?? SMALL,
      deviceScaleFactor: 2,
      isMobile: true,
      hasTouch: true,
      locale: "km-KH",
      timezoneId: "Asia/Phnom_Penh",
      geolocation: HERE,
      permissions: phone.refuses?.includes("geolocation") ? [] : ["geolocation"],
    });
    const page = context.pages()[0] ?? (await context.newPage());
    const worker = new FieldWorker(context, page, url);
    page.on("pageerror", (error) => worker.complaints.push(error.message));
    page.on("console", (message) => {
      // A line that breaks is the story's own doing.
      if (message.type() === "error" && !/Failed to load resource|net::ERR/.test(message.text())) {
        worker.complaints.push(message.text());
      }
    });
    if (phone.language) {
      await context.addInitScript((language) => localStorage.setItem("phteah-field.lang", language), phone.language);
    }
    return worker;
  }

  async opens(hash = ""): Promise<void> {
    await this.page.goto(`${this.url}/field${hash}`);
    await this.state(/^(?!starting)/);
  }

  /** Until the page declares one of these states. */
  async state(wanted: RegExp): Promise<string> {
    await this.page.waitForFunction(
      (pattern) => new RegExp(pattern).test(document.documentElement.dataset["state"] ?? ""),
      wanted.source,
    );
    return this.page.evaluate(() => document.documentElement.dataset["state"] ?? "");
  }

  /** Comes to the team: types the code, chooses a PIN, gets the data. */
  async enrols(code: string): Promise<void> {
    await this.opens(`#enrol=${encodeURIComponent(code)}`);
    await this.presses("Add this phone");
    await this.page.getByLabel("PIN", { exact: true }).fill(PIN);
    await this.page.getByLabel("The PIN again").fill(PIN);
    await this.presses("Keep the PIN");
    await this.state(/^first$/);
    await this.presses("Start");
    await this.mapShown();
  }

  async unlocks(pin = PIN): Promise<void> {
    await this.page.getByLabel(/^(PIN|កូដ PIN)$/).fill(pin);
    await this.page.getByRole("button", { name: /^(Unlock|ដោះសោ)$/ }).click();
  }

  async mapShown(): Promise<void> {
    await this.page.locator("html[data-map=shown]").waitFor();
  }

  async presses(name: string | RegExp): Promise<void> {
    await this.page
      .getByRole("button", { name, ...(typeof name === "string" ? { exact: true } : {}) })
      .first()
      .click();
  }

  async turnsTo(name: string): Promise<void> {
    await this.page
      .getByRole("navigation")
      .getByRole("button", { name: new RegExp(`^${name}`) })
      .click();
  }

  async sees(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).filter({ visible: true }).first().waitFor();
  }

  /** Until every answer is on the disk. */
  async saved(): Promise<void> {
    await this.page.locator("html[data-form=saved]").waitFor();
  }

  async answers(question: string, text: string): Promise<void> {
    await this.page.getByRole("textbox", { name: question }).fill(text);
    await this.saved();
  }

  async chooses(choice: string): Promise<void> {
    await this.page.getByRole("radio", { name: choice, exact: true }).check();
    await this.saved();
  }

  /** Records a household with the small form. */
  async surveys(name: string, rooms = "2"): Promise<void> {
    await this.presses("Mark a household here");
    await this.chooses("Yes");
    await this.presses("Next");
    await this.answers("Full name", name);
    await this.presses("Next");
    await this.answers("Number of rooms", rooms);
    await this.presses("Next");
    await this.chooses("No");
    await this.presses("Next");
    await this.presses("Next");
    await this.presses("Next");
    await this.presses("Finish and keep");
    await this.sees("Kept on this phone");
    await this.presses("Map");
    await this.mapShown();
  }

  /** Leaves a form, which stays as it is. */
  async goesBackToTheMap(): Promise<void> {
    await this.presses("Leave the form");
    await this.page.getByRole("dialog").getByRole("button", { name: "Leave the form" }).click();
    await this.mapShown();
  }

  /** The browser gives no more room from now on; what it gives back makes room again. */
  async phoneIsFull(): Promise<() => Promise<void>> {
    const session = await this.context.newCDPSession(this.page);
    const origin = new URL(this.url).origin;
    await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 1 });
    // The browser trusts for half a minute what it last knew of the room, less and less of it: with a large disk nearly until the end.
    for (let tries = 0; (await this.page.evaluate(writesMuch)) !== "QuotaExceededError"; tries += 1) {
      if (tries === 45) throw new Error("The browser goes on giving room.");
      await new Promise((done) => setTimeout(done, 1_000));
    }
    return async () => {
      await session.send("Storage.overrideQuotaForOrigin", { origin });
      await session.detach();
    };
  }

  /** Everything was sent and taken. */
  async hasSent(): Promise<void> {
    await this.turnsTo("Sending");
    await this.sees("The office has everything");
  }

  /** Findings of axe that keep somebody out. */
  async barriers(): Promise<string[]> {
    const { violations } = await new AxeBuilder({ page: this.page }).analyze();
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, help, nodes }) => `${id}: ${help} (${nodes.map(({ target }) => target.join(" ")).join("; ")})`);
  }

  /** Buttons and fields that a thumb would miss: lower than 48 px, give or take half a pixel. */
  smallTargets(): Promise<string[]> {
    return this.page
      .locator("button:visible, select:visible, input:not([type=checkbox], [type=radio], [type=file]):visible")
      .evaluateAll((all) =>
        all
          .filter((one) => one.getBoundingClientRect().height < 47.5)
          .map((one) => (one.getAttribute("aria-label") ?? one.textContent ?? "").trim()),
      );
  }

  async keepsPicture(name: string): Promise<void> {
    await this.page.screenshot({ path: join(pictures, `field-${name}.png`) });
  }

  /** Puts the phone away. */
  async leaves(): Promise<void> {
    await this.context.close();
  }
}

/** In the page: tries to keep a great deal, and says why it could not. */
async function writesMuch(): Promise<string> {
  const NAME = "a-great-deal";
  const db = await new Promise<IDBDatabase>((done, fail) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("all");
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
  const tx = db.transaction("all", "readwrite");
  tx.objectStore("all").put(new Uint8Array(64 << 20), "one");
  const said = await new Promise<string>((done) => {
    tx.oncomplete = () => done("kept");
    tx.onabort = () => done(tx.error?.name ?? "stopped");
  });
  db.close();
  indexedDB.deleteDatabase(NAME);
  return said;
}
