/** Job 1: a planner sets up what is ranked by: value functions, limits, who moves, the method. */
import { describe, expect, test } from "vitest";
import type { Locator } from "playwright-core";
import { arrives, planner, sharedCity } from "./stories.ts";

sharedCity();

/** Opens the value function of a criterion and gives its plot. */
async function opensCurve(name: string): Promise<Locator> {
  await planner.page.getByRole("button", { name, exact: true }).click();
  const plot = planner.page.getByRole("group", { name: `What ${name} is worth` });
  await plot.evaluate((drawn) => drawn.scrollIntoView({ block: "center" }));
  return plot;
}

async function opensFold(title: string): Promise<void> {
  // At the beginning: another title may hold the same words.
  await planner.page.locator("summary", { hasText: new RegExp(`^\\s*${title}`) }).click();
}

async function dragsBy(handle: Locator, dx: number, dy = 0): Promise<void> {
  const box = await handle.locator("circle").last().boundingBox();
  if (!box) throw new Error("The point is not on the screen.");
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await planner.page.mouse.move(x, y);
  await planner.page.mouse.down();
  await planner.page.mouse.move(x + dx, y + dy, { steps: 6 });
  await planner.page.mouse.up();
}

/** The list as it reads, with the scores. */
function rows(): Promise<string[]> {
  return planner.page.locator("[role=option]").allTextContents();
}

/** The first sites as the server ranks them by what it confirmed last. */
async function serversOrder(count: number): Promise<string[]> {
  return planner.page.evaluate(
    async ([id, limit]) => {
      const answer = await fetch(`/api/rankings/${id}/sites?limit=${limit}`);
      const { sites } = (await answer.json()) as { sites: { id: string; name: { en: string } | null }[] };
      return sites.map((site) => site.name?.en ?? site.id);
    },
    [planner.ranking, count] as const,
  );
}

describe("a planner who sets up what counts", () => {
  test("drags a point of a value function: the list follows at once, the server agrees", async () => {
    await arrives();
    const before = await rows();
    const plot = await opensCurve("Primary school");
    // A way to school of ten minutes is now worth next to nothing.
    const near = plot.getByRole("slider", { name: "Point 1" });
    await dragsBy(near, 4, 100);
    expect(await near.getAttribute("aria-valuetext")).toMatch(/: score \d of 100$/);
    // Before the server has been asked: the browser itself gave every site its new marks. The first sites are good enough
    // to keep their places.
    expect(await rows()).not.toEqual(before);
    await planner.waits();
    await planner.sees("Confirmed by the server");
    expect(await planner.order()).toEqual(await serversOrder(8));
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("setup-curve");
    expect(planner.complaints).toEqual([]);
  });

  test("moves a point with the keyboard alone, adds one and takes it away", async () => {
    await arrives();
    const plot = await opensCurve("Market");
    const second = plot.getByRole("slider", { name: "Point 2" });
    await second.focus();
    await planner.page.keyboard.press("ArrowDown");
    expect(await second.getAttribute("aria-valuetext")).toMatch(/: score 59 of 100$/);
    await planner.page.keyboard.press("Shift+ArrowRight");
    expect(await second.getAttribute("aria-valuetext")).toMatch(/^40\smin:/);
    await planner.page.getByRole("button", { name: "Add a point" }).click();
    expect(await plot.getByRole("slider").count()).toBe(4);
    await plot.getByRole("slider", { name: "Point 2" }).focus();
    await planner.page.keyboard.press("Delete");
    expect(await plot.getByRole("slider").count()).toBe(3);
    await planner.page.getByRole("button", { name: "As it was" }).click();
    expect(await second.getAttribute("aria-valuetext")).toMatch(/^20\smin: score 60 of 100$/);
    await planner.waits();
    await planner.sees("Confirmed by the server");
  });

  test("draws every shape, and turns one round", async () => {
    await arrives();
    const plot = await opensCurve("Health centre");
    for (const [shape, handles] of [
      ["Best in between", 4],
      ["Steps", 2],
      ["S-curve", 2],
      ["Line with bends", 3],
      ["Straight line", 2],
    ] as const) {
      await planner.page.getByLabel("Shape").selectOption({ label: shape });
      expect(await plot.getByRole("slider").count(), shape).toBe(handles);
      await planner.waits();
      await planner.sees("Confirmed by the server");
    }
    await planner.page.getByRole("radio", { name: "More" }).check();
    await planner.waits();
    await planner.sees(/full score from .* minutes' walk/);
  });

  test("sees the shapes on the map follow a curve before the server has answered", async () => {
    await arrives();
    const { page } = planner;
    const { lon, lat } = await page.evaluate(async (ranking) => {
      const { sites } = (await (await fetch(`/api/rankings/${ranking}/matrix`)).json()) as {
        sites: { lon: number[]; lat: number[] };
      };
      return { lon: sites.lon[0] ?? 0, lat: sites.lat[0] ?? 0 };
    }, planner.ranking);
    await page.evaluate((hash) => (location.hash = hash), `#lang=en&map=15/${lat}/${lon}`);
    await page.reload();
    await planner.waits();
    const plot = await opensCurve("Market");
    await planner.waits();
    const before = await planner.picture();
    // The server thinks for ever.
    await page.route("**/api/rankings", () => undefined);
    const handle = plot.getByRole("slider").first();
    await handle.focus();
    for (let n = 0; n < 10; n += 1) await handle.press("ArrowDown");
    await expect.poll(async () => (await planner.picture()).equals(before), { timeout: 20_000 }).toBe(false);
  });

  test("types a mistake: the server's words stand beside it, nothing is lost", async () => {
    await arrives();
    await opensCurve("Market");
    const field = planner.page.getByRole("textbox", { name: "Point 2, min" });
    await field.fill("3");
    await planner.waits();
    await planner.sees("raw numbers must rise, but 3 follows 5");
    await planner.sees(/1 entry needs correction/);
    expect(await field.inputValue()).toBe("3");
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("setup-mistake");
    await planner.page.getByRole("button", { name: "ភាសាខ្មែរ" }).click();
    await planner.sees("លេខត្រូវតែកើនឡើងជាលំដាប់ ប៉ុន្តែ 3 មកក្រោយ 5");
    await planner.page.getByRole("button", { name: "English" }).click();
    await field.fill("25");
    await planner.waits();
    await planner.sees("Confirmed by the server");
    expect(await planner.page.getByText("raw numbers must rise").count()).toBe(0);
  });

  test("gives marks to categories", async () => {
    await arrives();
    await planner.page.getByRole("button", { name: "Security of tenure", exact: true }).click();
    await planner.page.getByRole("textbox", { name: "soft title, score of 100" }).fill("95");
    await planner.waits();
    await planner.sees(/soft title: 95% of the full score/);
  });

  test("tightens a limit and switches one off; each says how many sites it removes", async () => {
    await arrives();
    const excluded = async () =>
      Number((await planner.page.getByText(/\d+ ranked · .*\d+ excluded/).textContent())?.match(/(\d+) excluded/)?.[1]);
    const before = await excluded();
    await opensFold("Exclusions");
    await planner.page.getByRole("textbox", { name: /^At most: Stands under/ }).fill("0.1");
    await planner.waits();
    await planner.sees(/More than the limit: 0\.1\sm of water on average/);
    expect(await excluded()).toBeGreaterThan(before);
    await planner.page.getByRole("switch", { name: /^Exclude: More than the limit/ }).uncheck();
    await planner.waits();
    await planner.sees("Switched off");
    expect(await excluded()).toBeLessThan(before);
    await planner.page.getByRole("switch", { name: /^Exclude: More than the limit/ }).check();
    await planner.waits();
    expect(await excluded()).toBeGreaterThan(before);
    await planner.page.getByRole("combobox", { name: /Add a limit/ }).selectOption({ label: "Land price" });
    await planner.waits();
    await planner.sees(/More than the limit: Land costs/);
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("setup-limits");
  });

  test("ranks for the families of one settlement only", async () => {
    await arrives();
    const plain = await planner.order();
    await opensFold("Who would move");
    await planner.sees(/^All \d+ settlements$/);
    await planner.page.getByRole("radio", { name: "Only those chosen here" }).check();
    const boxes = planner.page.locator("ul[aria-label='Who would move'] ul input[type=checkbox]");
    const count = await boxes.count();
    expect(count).toBeGreaterThan(2);
    // Nobody is chosen yet: that is said here, and what stands on the map stays.
    await planner.sees("Choose at least one settlement.");
    await boxes.nth(0).check();
    await planner.waits();
    await planner.sees("Confirmed by the server");
    await planner.sees(new RegExp(`^1 of ${count} settlements$`));
    await planner.sees(/households? would move/);
    expect(await planner.order()).toEqual(await serversOrder(8));
    expect(await planner.order(30)).not.toEqual(plain);
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("setup-moving");
  });

  test("ranks by another method, which the server does", async () => {
    await arrives();
    const before = await planner.order();
    await opensFold("Method");
    for (const method of ["TOPSIS", "VIKOR", "PROMETHEE II", "SPOTIS"]) {
      await planner.page.getByRole("radio", { name: new RegExp(`^${method}`) }).check();
      await planner.waits();
      await planner.sees("Confirmed by the server");
      expect(await planner.order(), method).toEqual(await serversOrder(8));
    }
    await planner.keepsPicture("setup-method");
    await planner.dragsWeight(2, 0.9);
    await planner.waits();
    expect(await planner.order()).toEqual(await serversOrder(8));
    expect(await planner.order()).not.toEqual(before);
    expect(await planner.barriers()).toEqual([]);
    expect(planner.complaints).toEqual([]);
  });
});

describe("a planner with a phone", () => {
  test("sets up in Khmer", async () => {
    await arrives("phone", "#lang=km");
    await planner.page.getByRole("tab", { name: "ទម្ងន់" }).tap();
    await planner.page.getByRole("button", { name: /ពង្រីកផ្ទាំង/ }).tap();
    await planner.page.getByRole("button", { name: "ផ្សារ", exact: true }).tap();
    const plot = planner.page.getByRole("group", { name: "តម្លៃនៃ ផ្សារ" });
    await plot.scrollIntoViewIfNeeded();
    await planner.keepsPicture("setup-phone-km");
    const reach = await plot
      .getByRole("slider")
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
    for (const height of reach) expect(height).toBeGreaterThanOrEqual(43.5);
    const small = await planner.page
      .locator("#panel")
      .locator("button:visible, summary:visible, select:visible, input[type=text]:visible")
      .evaluateAll((all) =>
        all.filter((one) => one.getBoundingClientRect().height < 43.5).map((one) => one.outerHTML.slice(0, 120)),
      );
    expect(small, "targets below 44 px").toEqual([]);
    expect(await planner.barriers()).toEqual([]);
  });
});
