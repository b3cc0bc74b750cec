/** Work in progress: kept, taken back step by step, sent as a link, gone back from. */
import { describe, expect, test } from "vitest";
import { arrives, comes, planner, sharedCity } from "./stories.ts";

sharedCity();

const limit = () => planner.page.getByRole("textbox", { name: /^At most/ }).first();
const opensLimits = () => planner.page.locator("summary", { hasText: "Exclusions" }).click();

describe("a planner in the middle of work", () => {
  test("reloads the page and loses nothing, and takes step after step back", async () => {
    await arrives();
    const { page } = planner;
    const first = await planner.weights();
    await planner.dragsWeight(2, 0.6);
    await planner.waits();
    const weights = await planner.weights();
    await opensLimits();
    const before = await limit().inputValue();
    await limit().fill("0.1");
    await planner.waits();
    await planner.sees("Changed, not saved");
    await page.reload();
    await planner.waits();
    await planner.sees("Your changes from last time are still here.");
    expect(await planner.weights()).toEqual(weights);
    await opensLimits();
    expect(await limit().inputValue()).toBe("0.1");
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("draft-resumed");
    await page.getByRole("heading", { level: 1 }).click();
    await page.keyboard.press("Control+z");
    await planner.waits();
    expect(await limit().inputValue()).toBe(before);
    expect(await planner.weights()).toEqual(weights);
    await page.getByRole("button", { name: "Undo", exact: true }).click();
    await planner.waits();
    expect(await planner.weights()).toEqual(first);
    expect(await page.getByText("Changed, not saved").count()).toBe(0);
    await page.keyboard.press("Control+y");
    await page.keyboard.press("Control+Shift+z");
    await planner.waits();
    expect(await planner.weights()).toEqual(weights);
    expect(await limit().inputValue()).toBe("0.1");
    expect(planner.complaints).toEqual([]);
  });

  test("writes a decision, leaves the form, reloads the page, and finds every word again", async () => {
    await arrives();
    const { page } = planner;
    const opensForm = () => page.getByRole("button", { name: "Export" }).click();
    await opensForm();
    await page.getByLabel("Decided by").fill("Housing committee");
    await page.getByLabel("Notes").fill("Illustrative decision.");
    await page.getByRole("button", { name: "Add a site" }).click();
    await page.getByLabel("Site 1", { exact: true }).fill("A place by the river");
    await page.getByLabel("Reason 1").fill("The owner has agreed already.");
    await page.keyboard.press("Escape");
    await opensForm();
    expect(await page.getByLabel("Decided by").inputValue()).toBe("Housing committee");
    await page.reload();
    await planner.waits();
    await opensForm();
    expect(await page.getByLabel("Decided by").inputValue()).toBe("Housing committee");
    expect(await page.getByLabel("Notes").inputValue()).toBe("Illustrative decision.");
    expect(await page.getByLabel("Site 1", { exact: true }).inputValue()).toBe("A place by the river");
    expect(await page.getByLabel("Reason 1").inputValue()).toBe("The owner has agreed already.");
    await page.getByRole("button", { name: "Clear the form" }).click();
    expect(await page.getByLabel("Decided by").inputValue()).toBe("");
    expect(await page.getByLabel("Reason 1").count()).toBe(0);
  });

  test("works in two tabs: each keeps its own changes, says so, and can show the other's", async () => {
    await arrives();
    const first = planner;
    await first.dragsWeight(2, 0.6);
    await first.waits();
    const weights = await first.weights();
    const second = await first.another();
    await second.opens();
    await second.sees("Another tab has changes of this scenario that are not saved.");
    expect(await second.weights()).not.toEqual(weights);
    await second.dragsWeight(0, 0.7);
    await second.waits();
    const others = await second.weights();
    await first.sees("Another tab has changes of this scenario that are not saved.");
    expect(await first.barriers()).toEqual([]);
    await first.keepsPicture("draft-two-tabs");
    // A reload of either brings its own back.
    for (const [tab, own] of [
      [first, weights],
      [second, others],
    ] as const) {
      await tab.page.reload();
      await tab.waits();
      expect(await tab.weights()).toEqual(own);
    }
    await second.page.getByRole("button", { name: "Show them here" }).click();
    await second.waits();
    expect(await second.weights()).toEqual(weights);
    await second.page.getByRole("heading", { level: 1 }).click();
    await second.page.keyboard.press("Control+z");
    await second.waits();
    expect(await second.weights()).toEqual(others);
    expect(await first.weights()).toEqual(weights);
  });

  test("goes back from a site to the list, with the weights as they are", async () => {
    await arrives();
    const { page } = planner;
    await planner.dragsWeight(2, 0.6);
    await planner.waits();
    const weights = await planner.weights();
    await page.locator("[role=option]").first().click();
    await planner.sees("Why this score");
    await page.waitForFunction(() => location.hash.includes("site="));
    await page.goBack();
    await page.getByRole("listbox", { name: "Ranked sites" }).waitFor();
    expect(await planner.weights()).toEqual(weights);
    await page.goForward();
    await planner.sees("Why this score");
  });

  test("pastes a link into the open page; what leads nowhere is said", async () => {
    await arrives();
    const { page } = planner;
    const site = await page.evaluate(async (ranking) => {
      const { sites } = (await (await fetch(`/api/rankings/${ranking}/sites?limit=2`)).json()) as {
        sites: { id: string }[];
      };
      return sites[1]?.id ?? "";
    }, planner.ranking);
    await page.evaluate((id) => (location.hash = `#lang=en&site=${id}&layers=water`), site);
    await planner.sees("Why this score");
    await page.evaluate(() => (location.hash = "#lang=en&scenario=nowhere&site=none&layers=water,none&map=1/2"));
    await planner.sees("There is no scenario “nowhere” here.");
    await planner.sees("There is no site “none” in this ranking.");
    await planner.sees("There are no layers of these names: none.");
    await planner.sees("The part “map” cannot be read.");
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("draft-dead-link");
  });

  test("skips to the list without losing the link", async () => {
    await arrives();
    const { page } = planner;
    await page.waitForFunction(() => location.hash.includes("map="));
    const hash = await page.evaluate(() => location.hash);
    await page.getByRole("link", { name: "Skip to the list of sites" }).focus();
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("panel");
    expect(await page.evaluate(() => location.hash)).toBe(hash);
  });

  test("opens a part of the page that did not load at first", async () => {
    await comes();
    const { page } = planner;
    let failed = 0;
    await page.route(/assets\/TakeAway-.*\.js/, (route) => {
      failed += 1;
      return failed <= 2 ? route.abort() : route.continue();
    });
    await planner.opens();
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByRole("dialog").waitFor();
    expect(failed).toBeGreaterThan(1);
  });
});

describe("a planner who is here for the first time", () => {
  test("is told what this is, once, and finds help", async () => {
    await arrives();
    const { page } = planner;
    await planner.sees("Phteah ranks places where families can live next.");
    await page.getByRole("button", { name: "How it works" }).click();
    await page.getByRole("dialog").getByText("What to do first").waitFor();
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("help");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Close", exact: true }).first().click();
    await page.reload();
    await planner.waits();
    expect(await page.getByText("Phteah ranks places where families can live next.").count()).toBe(0);
  });

  test("reads the warning about the data with a finger", async () => {
    await arrives("phone");
    await planner.page.getByRole("button", { name: "Illustrative data" }).tap();
    await planner.sees("Not for decisions about real places.");
    expect(await planner.barriers()).toEqual([]);
    expect(await planner.smallTargets()).toEqual([]);
    await planner.keepsPicture("phone-illustrative");
  });
});
