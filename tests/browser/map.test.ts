/** The main job in a real browser, on the illustrative city, with every foreign host blocked. */
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { Planner } from "./planner.ts";
import { arrives, comes, planner, sharedCity } from "./stories.ts";

sharedCity();

describe("a planner at a desk", () => {
  test("opens a ranked map that says it is illustrative", async () => {
    await arrives();
    await planner.sees("Illustrative data");
    const order = await planner.order();
    expect(order.length).toBeGreaterThanOrEqual(5);
    expect(await planner.barriers()).toEqual([]);
    expect(planner.complaints).toEqual([]);
    await planner.keepsPicture("desktop-en");
  });

  test("drags a weight: the others give way, the order changes, the server agrees", async () => {
    await arrives();
    const before = {
      order: await planner.order(),
      weights: await planner.weights(),
    };
    await planner.dragsWeight(0, 0);
    await planner.dragsWeight(2, 0.9);
    const after = {
      order: await planner.order(),
      weights: await planner.weights(),
    };
    expect(after.weights.reduce((a, b) => a + b)).toBe(100);
    expect(after.weights[2]).toBeGreaterThan((before.weights[2] ?? 0) + 20);
    expect(after.order).not.toEqual(before.order);
    await planner.waits();
    await planner.sees("Confirmed by the server");
    expect(await planner.order()).toEqual(await listOfServer(planner, 8));
    await planner.keepsPicture("desktop-reweighted");
  });

  for (const lang of ["en", "km"]) {
    test(`drags weights to nothing and back (${lang}): no slider moves under the hand`, async () => {
      await arrives("desktop", `#lang=${lang}`);
      const { page } = planner;
      // Where each slider stands in what is scrolled, and where the last one stands in the window, picture by picture.
      await page.evaluate(() => {
        const seen = { places: new Set<string>(), last: new Set<number>() };
        Object.assign(window, { seen });
        const look = () => {
          const sliders = [...document.querySelectorAll("input[type=range][aria-labelledby^=weight-]")];
          const tops = sliders.map((slider) => slider.getBoundingClientRect().top);
          const scrolled = sliders[0]?.closest(".panel")?.scrollTop ?? NaN;
          seen.places.add(tops.map((top) => Math.round(top + scrolled)).join());
          seen.last.add(Math.round(tops.at(-1) ?? NaN));
          requestAnimationFrame(look);
        };
        look();
      });
      const seen = () =>
        page.evaluate(() => {
          const { seen } = window as unknown as { seen: { places: Set<string>; last: Set<number> } };
          return { places: [...seen.places], last: [...seen.last] };
        });
      const weights = await planner.weights();
      // Of one of them the page says something, which must not come and go with its weight.
      const spoken = await page
        .locator(".panel li:has(input[aria-labelledby^=weight-])")
        .evaluateAll((rows) => rows.findIndex((row) => row.querySelector(".notice") !== null));
      expect(spoken).toBeGreaterThanOrEqual(0);
      for (const n of [spoken, 0]) {
        await planner.dragsWeight(n, 0);
        await planner.waits();
        await planner.dragsWeight(n, 0.3);
        await planner.waits();
      }
      expect((await seen()).places).toHaveLength(1);
      // At the end of what is scrolled, what goes away below would let all slip down.
      await page.evaluate(() => {
        const panel = document.querySelector("input[aria-labelledby=weight-0]")?.closest(".panel");
        panel?.scrollTo(0, panel.scrollHeight);
        (window as unknown as { seen: { last: Set<number> } }).seen.last.clear();
      });
      await planner.dragsWeight(weights.length - 1, 0);
      await planner.waits();
      await planner.dragsWeight(weights.length - 1, 0.3);
      await planner.waits();
      expect((await seen()).last).toHaveLength(1);
      await planner.keepsPicture(`desktop-weights-${lang}`);
    });
  }

  test("locks a weight, which then keeps its share", async () => {
    await arrives();
    const before = await planner.weights();
    await planner.page
      .getByRole("button", { name: /^Lock / })
      .nth(1)
      .click();
    await planner.dragsWeight(0, 1);
    const after = await planner.weights();
    expect(after[1]).toBe(before[1]);
    expect(after[0]).toBe(100 - (before[1] ?? 0));
  });

  test("opens a site with the keyboard alone and reads what its numbers mean", async () => {
    await arrives();
    const [, second] = await planner.order();
    await planner.page.keyboard.press("Tab");
    await planner.page.keyboard.press("Enter");
    await planner.page.getByRole("listbox", { name: "Ranked sites" }).focus();
    await planner.page.keyboard.press("ArrowDown");
    await planner.page.keyboard.press("Enter");
    await planner.page.getByRole("heading", { level: 2, name: second ?? "" }).waitFor();
    await planner.sees(/\d+\smin (on foot|by motorbike) to the nearest /);
    await planner.sees("Rank 2");
    await planner.page.getByRole("button", { name: "Show on the map" }).click();
    await planner.waits();
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("desktop-site");
    await planner.page.keyboard.press("Escape");
    await planner.page.getByRole("listbox", { name: "Ranked sites" }).waitFor();
  });

  test("finds a site by its code", async () => {
    await arrives();
    const [, , third] = await planner.order();
    await planner.page.getByRole("combobox", { name: /^Search for/ }).fill(third ?? "");
    await planner.page.keyboard.press("Enter");
    await planner.page.getByRole("heading", { level: 2, name: third ?? "" }).waitFor();
  });

  test("looks at an excluded site and reads why", async () => {
    await arrives();
    await planner.page.getByRole("button", { name: "Excluded", exact: true }).click();
    await planner.page.locator("[role=option]").first().click();
    await planner.sees("Excluded from the ranking");
    await planner.keepsPicture("desktop-excluded");
  });

  test("switches layers and runs the flood through its return periods", async () => {
    await arrives();
    await planner.chooses("Layers");
    await planner.page.getByText("Flood depth", { exact: true }).click();
    await planner.page
      .getByText(/^Services/)
      .first()
      .click();
    await planner.waits();
    await planner.sees("1-in-100-year flood");
    await planner.page.getByRole("slider", { name: "Return period of the flood" }).press("End");
    await planner.waits();
    await planner.sees("1-in-500-year flood");
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("desktop-layers");
    expect(planner.complaints).toEqual([]);
  });

  test("switches to Khmer, and the page remembers it", async () => {
    await arrives();
    await planner.page.getByRole("button", { name: "ភាសាខ្មែរ" }).click();
    await planner.waits();
    expect(await planner.page.evaluate(() => document.documentElement.lang)).toBe("km");
    await planner.sees("ចំណាត់ថ្នាក់ទីតាំង");
    await planner.page.locator("[role=option]").first().click();
    await planner.sees(/នាទី/);
    await planner.waits();
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("desktop-km");
    await planner.page.reload();
    await planner.waits();
    await planner.sees("ទិន្នន័យឧទាហរណ៍");
  });

  test("prints the shortlist", async () => {
    await arrives();
    await planner.page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
    await planner.page.emulateMedia({ media: "print" });
    await planner.sees("Shortlist of candidate sites");
    await planner.sees("Not for decisions about real places.");
    const rows = await planner.page.locator("article.print-only tbody tr").count();
    expect(rows).toBeGreaterThanOrEqual(5);
    await planner.keepsPicture("print-en");
  });
});

describe("a planner with little room", () => {
  test("works on a phone: map, sheet, site", async () => {
    await arrives("phone");
    await planner.keepsPicture("phone-list");
    expect(await planner.barriers()).toEqual([]);
    await planner.page.locator("[role=option]").first().tap();
    await planner.sees("Why this score");
    await planner.waits();
    await planner.keepsPicture("phone-site");
    await planner.page.getByRole("button", { name: "All sites" }).tap();
    await planner.chooses("Weights");
    expect(await planner.barriers()).toEqual([]);
    const small = await planner.page
      .locator("button:visible, [role=tab]:visible")
      .evaluateAll((all) =>
        all.filter((one) => one.getBoundingClientRect().height < 43.5).map((one) => one.textContent?.trim()),
      );
    expect(small, "targets below 44 px").toEqual([]);
    await planner.keepsPicture("phone-weights");
  });

  test("works on a phone in Khmer", async () => {
    await arrives("phone", "#lang=km");
    await planner.page.locator("[role=option]").first().tap();
    await planner.waits();
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("phone-km");
  });

  test("works on a tablet", async () => {
    await arrives("tablet");
    await planner.chooses("Layers");
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("tablet");
  });
});

describe("the page as it is loaded", () => {
  test("asks for no more than 700 kB of script", async () => {
    await comes();
    const sizes: Promise<number>[] = [];
    planner.page.on("requestfinished", (request) => {
      if (!/\.m?js(\?|$)/.test(request.url())) return;
      sizes.push(request.sizes().then(({ responseBodySize }) => responseBodySize));
    });
    await planner.opens();
    // What a worker loads is not among the page's requests.
    const workers = [...new Set(planner.page.workers().map((worker) => worker.url()))];
    expect(workers.length).toBeGreaterThan(0);
    sizes.push(...workers.map(async (url) => gzipSync(await (await planner.page.request.get(url)).body()).length));
    const bytes = (await Promise.all(sizes)).reduce((a, b) => a + b, 0);
    console.info(`script transferred: ${Math.round(bytes / 1000)} kB`);
    expect(bytes).toBeGreaterThan(100_000);
    expect(bytes).toBeLessThanOrEqual(700_000);
  });

  test("does not move after the first picture", async () => {
    await comes();
    await planner.watchesShifts();
    await planner.opens();
    const { shift, shifts } = await planner.shifts();
    expect(shift, shifts.join("\n")).toBeLessThan(0.01);
  });
});

/** The order as the server states it, for the weights that it last confirmed. */
async function listOfServer({ page, ranking }: Planner, count: number): Promise<string[]> {
  expect(ranking).not.toBe("");
  return page.evaluate(
    async ([id, limit]) => {
      const answer = await fetch(`/api/rankings/${id}/sites?limit=${limit}`);
      const { sites } = (await answer.json()) as {
        sites: { id: string; name: { en: string } | null }[];
      };
      return sites.map((site) => site.name?.en ?? site.id);
    },
    [ranking, count] as const,
  );
}
