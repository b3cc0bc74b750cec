/** A planner at a browser: what they do and what they see, in their words. */
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";

export const screens = {
  desktop: { viewport: { width: 1440, height: 900 } },
  laptop: { viewport: { width: 1280, height: 720 } },
  /** A laptop on which the page was enlarged to twice its size. */
  enlarged: { viewport: { width: 640, height: 360 }, deviceScaleFactor: 2 },
  tablet: { viewport: { width: 1024, height: 768 } },
  phone: {
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
  },
} satisfies Record<string, BrowserContextOptions>;

const pictures = process.env["PHTEAH_SCREENSHOTS"] ?? join(tmpdir(), "phteah-screenshots");

/** `more`: what else the browser is told. */
export function launch(more: string[] = []): Promise<Browser> {
  mkdirSync(pictures, { recursive: true });
  return chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: [
      "--headless",
      "--no-sandbox",
      "--use-gl=angle",
      "--use-angle=swiftshader",
      "--enable-unsafe-swiftshader",
      "--disable-background-networking",
      ...more,
    ],
  });
}

export class Planner {
  /** Addresses outside the server that the page asked for; every one of them was blocked. */
  readonly foreign: string[] = [];
  /** What the browser complained about: script errors, blocked content, failed loads. */
  readonly complaints: string[] = [];

  /** Id of the ranking that the server confirmed last. */
  ranking = "";

  private constructor(
    readonly page: Page,
    private readonly url: string,
  ) {}

  static async at(browser: Browser, url: string, screen: keyof typeof screens = "desktop"): Promise<Planner> {
    const context = await browser.newContext({
      ...screens[screen],
      locale: "en-GB",
    });
    return Planner.on(await context.newPage(), url);
  }

  private static async on(page: Page, url: string): Promise<Planner> {
    const planner = new Planner(page, url);
    const home = new URL(url).origin;
    await page.route(
      (address) => address.protocol.startsWith("http") && address.origin !== home,
      (route) => {
        planner.foreign.push(route.request().url());
        return route.abort();
      },
    );
    page.on("response", (response) => {
      if (response.request().method() !== "POST" || !response.url().endsWith("/api/rankings") || !response.ok()) return;
      void response.json().then(
        ({ id }: { id: string }) => (planner.ranking = id),
        // The page was left before its answer was read.
        () => undefined,
      );
    });
    page.on("pageerror", (error) => planner.complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") planner.complaints.push(message.text());
    });
    return planner;
  }

  /** The same person, in another tab of the same browser. */
  async another(): Promise<Planner> {
    return Planner.on(await this.page.context().newPage(), this.url);
  }

  /** Goes to an address, whatever is there. */
  async finds(path: string): Promise<void> {
    await this.page.goto("about:blank");
    await this.page.goto(this.url + path);
  }

  /** Until the map of the sites is there. */
  async arrivesAtMap(): Promise<void> {
    await this.page.locator("[role=option]").first().waitFor();
    await this.waits();
  }

  async opens(hash = "#lang=en"): Promise<void> {
    await this.page.goto(this.url + "/" + hash);
    await this.waits();
  }

  /** Until the page declares that nothing is loading, moving or being asked for. */
  async waits(): Promise<void> {
    await this.page.waitForFunction(() => {
      const { state } = document.documentElement.dataset;
      return state !== undefined && state !== "loading";
    });
  }

  state(): Promise<string | undefined> {
    return this.page.evaluate(() => document.documentElement.dataset["state"]);
  }

  async chooses(tab: "Weights" | "Layers" | "Sites"): Promise<void> {
    await this.page.getByRole("tab", { name: tab }).click();
  }

  /** The sites at the top of the list, best first. */
  async order(count = 8): Promise<string[]> {
    const names = await this.page.locator("[role=option] strong").allTextContents();
    const places = await this.page
      .locator("[role=option][aria-posinset]")
      .evaluateAll((rows) => rows.map((row) => Number(row.getAttribute("aria-posinset"))));
    return names
      .map((name, n) => ({ name, place: places[n] ?? 0 }))
      .sort((a, b) => a.place - b.place)
      .slice(0, count)
      .map(({ name }) => name);
  }

  weights(): Promise<number[]> {
    return this.page
      .locator("input[type=range][aria-labelledby^=weight-]")
      .evaluateAll((sliders) => sliders.map((slider) => (slider as HTMLInputElement).valueAsNumber));
  }

  /** Drags the slider of criterion `n` with the mouse, to a part of its length. */
  async dragsWeight(n: number, part: number): Promise<void> {
    const slider = this.page.locator(`input[type=range][aria-labelledby=weight-${n}]`);
    await slider.hover();
    const box = await slider.boundingBox();
    if (!box) throw new Error(`Weight ${n} has no slider on the screen.`);
    const y = box.y + box.height / 2;
    const now = (await slider.evaluate((input) => (input as HTMLInputElement).valueAsNumber)) / 100;
    await this.page.mouse.move(box.x + 8 + (box.width - 16) * now, y);
    await this.page.mouse.down();
    await this.page.mouse.move(box.x + 8 + (box.width - 16) * part, y, {
      steps: 8,
    });
    await this.page.mouse.up();
  }

  /** A deployment into which nothing was imported: the server then lists no layers. */
  async findsNoLayers(): Promise<void> {
    await this.page.route("**/api/layers", (route) => route.fulfill({ json: { layers: [] } }));
  }

  async sees(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).filter({ visible: true }).first().waitFor();
  }

  /** Findings of axe that keep somebody out: serious and critical ones. */
  async barriers(): Promise<string[]> {
    const { violations } = await new AxeBuilder({ page: this.page }).analyze();
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, help, nodes }) => `${id}: ${help} (${nodes.map(({ target }) => target.join(" ")).join("; ")})`);
  }

  /** Buttons, tabs and fields that a finger would miss: lower than 44 px, give or take half a pixel of rounding. */
  smallTargets(): Promise<string[]> {
    return this.page
      .locator(
        "button:visible, [role=tab]:visible, summary:visible, input:not([type=checkbox], [role=combobox]):visible",
      )
      .evaluateAll((all) =>
        all
          .filter((one) => one.getBoundingClientRect().height < 43.5)
          .map((one) => (one.getAttribute("aria-label") ?? one.textContent ?? "").trim()),
      );
  }

  /** From the next page on: what of it moves without being asked to. */
  async watchesShifts(): Promise<void> {
    await this.page.addInitScript(() => {
      interface Shift {
        value: number;
        sources: { node: Node | null; previousRect: DOMRect; currentRect: DOMRect }[];
      }
      const seen = window as unknown as { shifts: string[]; shift: number };
      [seen.shift, seen.shifts] = [0, []];
      const at = ({ x, y, width, height }: DOMRect) => [x, y, width, height].map(Math.round).join(" ");
      const named = (node: Node | null) =>
        node instanceof Element
          ? `${node.nodeName} ${node.className}`
          : `${node?.nodeName} in ${node?.parentElement?.className}`;
      new PerformanceObserver((list) => {
        for (const { value, sources } of list.getEntries() as unknown as Shift[]) {
          seen.shift += value;
          const moved = sources.map((one) => `${named(one.node)} (${at(one.previousRect)} → ${at(one.currentRect)})`);
          seen.shifts.push(`${value.toFixed(4)}: ${moved.join(", ")}`);
        }
      }).observe({ type: "layout-shift", buffered: true });
    });
  }

  /** How much has moved, and what, since {@link watchesShifts}. */
  shifts(): Promise<{ shift: number; shifts: string[] }> {
    return this.page.evaluate(() => {
      const { shift, shifts } = window as unknown as { shifts: string[]; shift: number };
      return { shift, shifts };
    });
  }

  /** What within `css` is wider than the room that it has, and has to be scrolled sideways. */
  scrollsSideways(css: string): Promise<string[]> {
    return this.page
      .locator(css)
      .locator("*")
      .evaluateAll((all) =>
        all
          .filter((one) => one.scrollWidth > one.clientWidth + 1)
          .filter((one) => ["auto", "scroll"].includes(getComputedStyle(one).overflowX))
          .map((one) => `${one.nodeName} ${one.className}: ${one.scrollWidth} in ${one.clientWidth}`),
      );
  }

  /** The map as it is now, to tell whether something on it changed. */
  picture(): Promise<Buffer> {
    return this.page.locator("canvas.maplibregl-canvas").screenshot();
  }

  /** A picture for people to look at; nothing compares it. */
  async keepsPicture(name: string): Promise<void> {
    await this.page.screenshot({ path: join(pictures, `${name}.png`) });
  }

  /** Paper for people to look at, page by page. */
  keepsPaper(name: string, pdf: Buffer): void {
    writeFileSync(join(pictures, `${name}.pdf`), pdf);
  }

  async leaves(): Promise<void> {
    await this.page.context().close();
  }
}
