/** Screens that are not like most: a reader's own colours, large letters, little room, a slow network. */
import { describe, expect, test } from "vitest";
import { launch, type screens } from "./planner.ts";
import { arrives, comes, planner, sharedCity } from "./stories.ts";

sharedCity();

/** What of the page stands beyond the right or left edge of the window, where nobody can scroll to. */
function beyondEdges(): Promise<string[]> {
  return planner.page.evaluate(() =>
    [...document.querySelectorAll("button, a, input, select, summary, h1, h2, h3, p, li, label")]
      .filter((one) => one.checkVisibility({ checkVisibilityCSS: true }))
      .map((one) => ({ one, box: one.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && box.height > 0 && (box.right > innerWidth + 1 || box.left < -1))
      .map(
        ({ one, box }) => `${one.textContent?.trim().slice(0, 40)} (${Math.round(box.left)}–${Math.round(box.right)})`,
      ),
  );
}

describe("a planner with colours of their own", () => {
  test("sees shares, marks and keys in the colours that they are told by, and what is chosen", async () => {
    await comes();
    const { page } = planner;
    await page.emulateMedia({ forcedColors: "active" });
    await planner.opens();
    const colours = (css: string) =>
      page
        .locator(css)
        .filter({ visible: true })
        .evaluateAll((all) => all.slice(0, 6).map((one) => getComputedStyle(one).backgroundColor));
    for (const css of ["[role=option] .bar span", "#panel .strip", ".left .swatch"]) {
      expect(new Set(await colours(css)).size, css).toBeGreaterThan(1);
    }
    expect(await page.locator(".legend .ramp").evaluate((one) => getComputedStyle(one).backgroundImage)).toMatch(
      /gradient/,
    );
    const back = (selected: boolean) =>
      page
        .locator(`[role=tab][aria-selected=${selected}]`)
        .first()
        .evaluate((one) => getComputedStyle(one).backgroundColor);
    expect(await back(true)).not.toBe(await back(false));
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("forced-colours");
  });
});

describe("a planner who reads large letters", () => {
  test("uses a browser whose text is twice as large, on a laptop", async () => {
    const large = await launch(["--blink-settings=defaultFontSize=32"]);
    try {
      await comes("laptop", large);
      await planner.opens();
      expect(await beyondEdges()).toEqual([]);
      await planner.page.locator("[role=option]").first().scrollIntoViewIfNeeded();
      await planner.page.locator("[role=option]").first().click();
      await planner.sees("Why this score");
      await planner.waits();
      expect(await beyondEdges()).toEqual([]);
      expect(await planner.barriers()).toEqual([]);
      await planner.keepsPicture("laptop-large-text");
      await planner.leaves();
    } finally {
      await large.close();
    }
    // The story ends as all do.
    await comes();
  });

  test("has a style sheet of their own that doubles the letters, on a laptop", async () => {
    await arrives("laptop");
    // What comes late, as by a browser's extension: the page follows at once.
    await planner.page.evaluate(() => document.documentElement.style.setProperty("font-size", "200%", "important"));
    await planner.page.waitForFunction(() => document.documentElement.dataset["room"] === "phone");
    await planner.waits();
    expect(await beyondEdges()).toEqual([]);
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("laptop-own-letters");
  });

  test("enlarges the page to twice its size, on a laptop", async () => {
    await arrives("enlarged");
    expect(await beyondEdges()).toEqual([]);
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("laptop-enlarged");
  });
});

describe("a planner with a phone", () => {
  test("reads the whole legend, however many layers are on the map", async () => {
    await arrives(
      "phone",
      "#lang=en&layers=*sites,flood_depth_rp100,services,roads,boundaries,flood_zones,settlements",
    );
    const { page } = planner;
    await page.locator(".legend summary").tap();
    for (const words of ["Score", "hatched: no map, not known", "Khan", "Main roads", "primary school"]) {
      const key = page.locator(".legend").getByText(words, { exact: false }).first();
      await key.scrollIntoViewIfNeeded();
      const inSight = await key.evaluate((one) => {
        const { left, top, width, height } = one.getBoundingClientRect();
        const drawn = document.elementFromPoint(left + Math.min(width, 20) / 2, top + height / 2);
        return drawn !== null && (one.contains(drawn) || drawn.contains(one));
      });
      expect(inSight, words).toBe(true);
    }
    await planner.keepsPicture("phone-legend");
  });
});

describe("the page on a slow network", () => {
  for (const screen of ["desktop", "phone"] satisfies (keyof typeof screens)[]) {
    test(`hardly moves while it comes, on a ${screen}`, async () => {
      await comes(screen);
      const { page } = planner;
      const network = await page.context().newCDPSession(page);
      await network.send("Network.enable");
      // A crowded mobile network.
      const [latency, downloadThroughput, uploadThroughput] = [300, 200_000, 80_000];
      await network.send("Network.emulateNetworkConditions", {
        offline: false,
        latency,
        downloadThroughput,
        uploadThroughput,
      });
      await planner.watchesShifts();
      await planner.opens();
      await page.waitForFunction(() => document.documentElement.dataset["state"] === "idle");
      await page.locator("[role=option]").first().waitFor();
      const { shift, shifts } = await planner.shifts();
      console.info(`layout shift on a slow network, ${screen}: ${shift.toFixed(4)}`);
      expect(shift, shifts.join("\n")).toBeLessThan(0.1);
    });
  }
});
