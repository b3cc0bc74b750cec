/**
 * Speed with 100,000 candidate sites. Times depend on the machine and are printed; only what would make the page useless
 * anywhere fails. Sizes do not depend on the machine and are held to the budget.
 */
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Browser, Page } from "playwright-core";
import { launch, Planner } from "./planner.ts";
import { givenADeployment, type Server } from "./server.ts";
import { manySites } from "./sites.ts";

const SITES = 100_000;
const MOST_SCRIPT_BYTES = 700_000;
const MOST_TILE_BYTES = 500_000;

let server: Server;
let browser: Browser;
let planner: Planner;

beforeAll(async () => {
  [server, browser] = await Promise.all([givenADeployment((data) => manySites(data, SITES)), launch()]);
  // The first page has the server measure; those after it find it warm.
  await arrives();
  await planner.opens();
  await planner.leaves();
});

afterEach(async () => {
  await planner?.leaves();
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

/** Everything takes longer here than elsewhere, most of all on a machine with other work. */
async function arrives(): Promise<void> {
  planner = await Planner.at(browser, server.url);
  planner.page.setDefaultTimeout(150_000);
}

interface Seen {
  shift: number;
  painted: number;
  listed: number;
  /** Two frames after the ranked sites were drawn, in their colours. */
  ranked: number;
  idle: number;
}

/** Notes within the page when things first appear, and how much moved after the first paint. */
async function watches(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const seen = { shift: 0, painted: 0, listed: 0, ranked: 0, idle: 0 };
    (window as unknown as { seen: typeof seen }).seen = seen;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.shift += (entry as unknown as { value: number }).value;
    }).observe({ type: "layout-shift", buffered: true });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!seen.painted) seen.painted = entry.startTime;
    }).observe({ type: "paint", buffered: true });
    const look = () => {
      if (!seen.listed && document.querySelector("[role=option]")) seen.listed = performance.now();
      if (!seen.ranked && document.documentElement.dataset["sites"] === "drawn") {
        seen.ranked = Infinity;
        requestAnimationFrame(() => requestAnimationFrame(() => (seen.ranked = performance.now())));
      }
      if (!seen.idle && document.documentElement.dataset["state"] === "idle") seen.idle = performance.now();
      if (!seen.idle) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}

describe(`the page with ${SITES.toLocaleString("en")} sites`, () => {
  test("opens on a ranked map, within the budget of script, and nothing moves", async () => {
    await arrives();
    await watches(planner.page);
    const sizes: Promise<number>[] = [];
    planner.page.on("requestfinished", (request) => {
      if (!/\.m?js(\?|$)/.test(request.url())) return;
      sizes.push(request.sizes().then(({ responseBodySize }) => responseBodySize));
    });
    await planner.opens();
    await planner.page.waitForFunction(() => {
      const { ranked } = (window as unknown as { seen: Seen }).seen;
      return ranked > 0 && ranked < Infinity;
    });
    // What a worker loads is not among the page's requests.
    const workers = [...new Set(planner.page.workers().map((worker) => worker.url()))];
    sizes.push(...workers.map(async (url) => gzipSync(await (await planner.page.request.get(url)).body()).length));
    const bytes = (await Promise.all(sizes)).reduce((a, b) => a + b, 0);
    const seen = await planner.page.evaluate(() => (window as unknown as { seen: Seen }).seen);
    console.info(
      `${SITES} sites: first paint ${ms(seen.painted)}, list ${ms(seen.listed)}, sites on the map ${ms(seen.ranked)} (aim: 2000 ms), ` +
        `everything drawn ${ms(seen.idle)} after navigation; script transferred ${Math.round(bytes / 1000)} kB, layout shift ${seen.shift.toFixed(4)}`,
    );
    expect(await planner.page.getByText("99,9").or(planner.page.getByText("100,000")).count()).toBeGreaterThan(0);
    expect(bytes).toBeGreaterThan(100_000);
    expect(bytes).toBeLessThanOrEqual(MOST_SCRIPT_BYTES);
    expect(seen.shift).toBeLessThan(0.001);
    expect(seen.ranked).toBeLessThanOrEqual(seen.idle + 1000);
    expect(seen.idle).toBeLessThan(60_000);
  });

  test("repaints list and map while a weight moves", async () => {
    await arrives();
    await planner.opens();
    const before = await planner.order();
    const metrics = await planner.page.context().newCDPSession(planner.page);
    await metrics.send("Performance.enable");
    const script = async () => {
      const { metrics: all } = await metrics.send("Performance.getMetrics");
      return (all.find(({ name }) => name === "ScriptDuration")?.value ?? NaN) * 1000;
    };
    const slider = planner.page.locator("input[type=range][aria-labelledby=weight-2]");
    const took: number[] = [];
    for (const share of [10, 20, 30, 40, 50, 60, 70, 80, 90]) {
      const start = await script();
      await slider.evaluate(
        (input, value) =>
          new Promise<void>((done) => {
            (input as HTMLInputElement).value = String(value);
            input.dispatchEvent(new Event("input", { bubbles: true }));
            // The frame that shows the change, and the one after it.
            requestAnimationFrame(() => requestAnimationFrame(() => done()));
          }),
        share,
      );
      took.push((await script()) - start);
    }
    took.sort((a, b) => a - b);
    const middle = took[Math.floor(took.length / 2)] ?? NaN;
    console.info(
      `${SITES} sites: script of one weight change, by Chromium's ScriptDuration of the page's main thread until two frames ` +
        `later: median ${ms(middle)}, least ${ms(took[0] ?? NaN)}, most ${ms(took.at(-1) ?? NaN)} (aim: 50 ms)`,
    );
    await planner.waits();
    expect(await planner.order()).not.toEqual(before);
    expect(middle).toBeLessThan(2000);
  });

  test("fetches tiles of the whole city that are small enough", async () => {
    await arrives();
    await planner.opens();
    expect(planner.ranking).not.toBe("");
    const sizes = await planner.page.evaluate(async (ranking) => {
      const found: { tile: string; sent: number; whole: number }[] = [];
      const z = 12;
      const column = (lon: number) => Math.floor(((lon + 180) / 360) * 2 ** z);
      const row = (lat: number) => {
        const y = Math.asinh(Math.tan((lat * Math.PI) / 180));
        return Math.floor(((1 - y / Math.PI) / 2) * 2 ** z);
      };
      for (let x = column(104.72); x <= column(105.05); x += 1) {
        for (let y = row(11.74); y <= row(11.42); y += 1) {
          const path = `/tiles/sites/${z}/${x}/${y}?ranking=${ranking}&measured=1`;
          const whole = (await (await fetch(path)).arrayBuffer()).byteLength;
          const entry = performance.getEntriesByName(new URL(path, location.href).href)[0] as PerformanceResourceTiming;
          found.push({ tile: `${z}/${x}/${y}`, sent: entry.encodedBodySize, whole });
        }
      }
      return found;
    }, planner.ranking);
    const largest = sizes.reduce((a, b) => (b.sent > a.sent ? b : a));
    console.info(
      `${SITES} sites: the largest of ${sizes.length} tiles at zoom 12 (${largest.tile}) is ${kb(largest.sent)} sent, ` +
        `${kb(largest.whole)} unpacked`,
    );
    expect(largest.whole).toBeGreaterThan(10_000);
    expect(largest.sent).toBeLessThanOrEqual(MOST_TILE_BYTES);
  });
});

const ms = (time: number) => `${time.toFixed(0)} ms`;
const kb = (bytes: number) => `${Math.round(bytes / 1000)} kB`;
