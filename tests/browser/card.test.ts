/** A planner reads what a site is like: in words, its floods, and the ways to services on the map. */
import { afterEach, describe, expect, test } from "vitest";
import { arrives, planner, sharedCity } from "./stories.ts";

sharedCity();

afterEach(() => {
  expect(planner.complaints).toEqual([]);
});

describe("a planner who opens a site", () => {
  test("reads what a flood makes of the way to school, and how deep the water stands how often", async () => {
    await arrives();
    const { page } = planner;
    await page.locator("[role=option]").nth(2).click();
    await planner.sees(
      /on foot to the nearest primary school; (\S+ min|as long|out of reach|not known)[^;]* the 1-in-\d+-year flood cuts roads/,
    );
    const plot = page.getByRole("img", { name: /^How often, how deep: / });
    await plot.waitFor();
    // The drawing says in words what it shows, and a table holds its numbers.
    expect(await plot.getAttribute("aria-label")).toMatch(/Dry|Under water|Not known/);
    await page.getByText("As a table").click();
    const table = page.getByRole("region", { name: "As a table" });
    expect(await table.getByRole("row").count()).toBeGreaterThan(5);
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("desktop-card");
  });

  test("sees the ways to the nearest services on the map, dry and flooded", async () => {
    await arrives();
    const { page } = planner;
    await page.locator("[role=option]").nth(2).click();
    const ways = page.getByRole("button", { name: /primary school/ });
    await ways.waitFor();
    await planner.sees(/\d+\smin · [\d.]+\s(m|km)/);
    expect(await ways.textContent()).toMatch(/when the 1-in-\d+-year flood cuts roads/);
    await planner.waits();
    const without = await planner.picture();
    await page.getByRole("button", { name: "See all routes" }).click();
    await planner.waits();
    await ways.press("Enter");
    expect(await ways.getAttribute("aria-pressed")).toBe("true");
    await planner.waits();
    const withOne = await planner.picture();
    expect(withOne.equals(without)).toBe(false);
    await planner.keepsPicture("desktop-ways");
    await page.getByLabel("Show the routes on the map").uncheck();
    await planner.waits();
    expect((await planner.picture()).equals(withOne)).toBe(false);
    // They go with the card.
    await page.keyboard.press("Escape");
    await page.getByRole("listbox", { name: "Ranked sites" }).waitFor();
  });

  test("reads it on a phone, in Khmer", async () => {
    await arrives("phone", "#lang=km");
    const { page } = planner;
    await page.locator("[role=option]").nth(1).tap();
    await page.getByRole("img", { name: /^ញឹកញាប់ប៉ុណ្ណា/ }).waitFor();
    await planner.sees("ផ្លូវទៅសេវាជិតបំផុត");
    await page.getByText("ផ្លូវទៅសេវាជិតបំផុត").scrollIntoViewIfNeeded();
    await planner.waits();
    expect(await planner.barriers()).toEqual([]);
    expect(await planner.smallTargets()).toEqual([]);
    await planner.keepsPicture("phone-card-km");
  });
});
