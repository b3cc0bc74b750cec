/** A planner holds sites against each other. */
import { describe, expect, test } from "vitest";
import { arrives, planner, sharedCity } from "./stories.ts";

sharedCity();

describe("a planner who compares", () => {
  test("takes three sites from the list by keyboard and reads what sets them apart", async () => {
    await arrives();
    const { page } = planner;
    const [first, , third] = await planner.order();
    await page.getByRole("listbox", { name: "Ranked sites" }).focus();
    for (const key of ["c", "ArrowDown", "ArrowDown", "c", "ArrowDown", "ArrowDown", "c"])
      await page.keyboard.press(key);
    await page.getByRole("button", { name: "Compare 3" }).press("Enter");
    await page.locator("[data-ready=compared]").waitFor();
    const table = page.getByRole("region", { name: "Comparison" }).getByRole("table");
    for (const name of [first, third]) await table.getByRole("button", { name: `Open ${name}` }).waitFor();
    await planner.sees(/A is ahead of B by [\d.]+ points: /);
    await planner.sees(/B is ahead of C by /);
    // Marked by a sign and in words, not by colour.
    expect(await table.getByText("better:", { exact: false }).count()).toBeGreaterThan(0);
    expect(await table.getByRole("row").count()).toBeGreaterThan(8);
    await planner.waits();
    expect(await planner.barriers()).toEqual([]);
    expect(planner.complaints).toEqual([]);
    await planner.keepsPicture("desktop-compare");
    await page.keyboard.press("Escape");
    await table.waitFor({ state: "detached" });
  });

  test("tries the change of weight that swaps two sites, and sees them swapped", async () => {
    await arrives();
    const { page } = planner;
    const list = page.getByRole("listbox", { name: "Ranked sites" });
    await list.focus();
    for (const key of ["c", "ArrowDown", "ArrowDown", "c"]) await page.keyboard.press(key);
    await page.getByRole("button", { name: "Compare 2" }).click();
    await page.locator("[data-ready=compared]").waitFor();
    const scores = () =>
      page
        .getByRole("row", { name: /^Score/ })
        .getByRole("cell")
        .locator("strong")
        .allTextContents();
    const [a, b] = (await scores()).map(Number);
    expect(a).toBeGreaterThan(b ?? 0);
    await page.getByRole("button", { name: "Try it" }).first().click();
    await planner.sees("B is ahead of A");
    await planner.waits();
    await planner.sees("Confirmed by the server");
  });

  test("makes the desk higher and lower by keyboard, and finds it so again", async () => {
    await arrives();
    const { page } = planner;
    const opens = async () => {
      await page.getByRole("listbox", { name: "Ranked sites" }).focus();
      for (const key of ["c", "ArrowDown", "ArrowDown", "c"]) await page.keyboard.press(key);
      await page.getByRole("button", { name: "Compare 2" }).click();
      await page.locator("[data-ready=compared]").waitFor();
    };
    await opens();
    const edge = page.getByRole("separator", { name: "Height of the panel under the map" });
    const top = async () => (await edge.boundingBox())?.y ?? NaN;
    const usual = await top();
    await edge.focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    const lower = await top();
    expect(lower).toBeGreaterThan(usual + 50);
    await planner.waits();
    expect(await planner.barriers()).toEqual([]);
    await page.reload();
    await planner.waits();
    // The link in the address brings the comparison back.
    await page.locator("[data-ready=compared]").waitFor();
    expect(await top()).toBeCloseTo(lower, 0);
  });

  test("adds a site from its card, and no more than four", async () => {
    await arrives();
    const { page } = planner;
    await page.getByRole("listbox", { name: "Ranked sites" }).focus();
    for (let n = 0; n < 4; n += 1) {
      if (n > 0) await page.keyboard.press("c");
      await page.keyboard.press("ArrowDown");
    }
    await page.keyboard.press("Enter");
    const add = page.getByRole("article").getByRole("button", { name: "Compare" });
    await add.click();
    expect(await add.getAttribute("aria-pressed")).toBe("true");
    await page.keyboard.press("Escape");
    await page.getByRole("listbox", { name: "Ranked sites" }).focus();
    await page.keyboard.press("End");
    await page.keyboard.press("c");
    await page.getByRole("button", { name: "Compare 4" }).waitFor();
  });

  test("compares four sites on a laptop without scrolling sideways", async () => {
    await arrives("laptop");
    const { page } = planner;
    await page.getByRole("listbox", { name: "Ranked sites" }).focus();
    for (let n = 0; n < 4; n += 1) {
      if (n > 0) await page.keyboard.press("ArrowDown");
      await page.keyboard.press("c");
    }
    await page.getByRole("button", { name: "Compare 4" }).click();
    await page.locator("[data-ready=compared]").waitFor();
    expect(await planner.scrollsSideways(".desk")).toEqual([]);
    await planner.keepsPicture("laptop-compare");
  });

  test("compares on a phone, in Khmer", async () => {
    await arrives("phone", "#lang=km");
    const { page } = planner;
    const discs = page.locator("[role=option] .compare");
    await discs.nth(0).tap();
    await discs.nth(1).tap();
    await page.getByRole("button", { name: /^ប្រៀបធៀប/ }).tap();
    await page.locator("[data-ready=compared]").waitFor();
    await planner.sees(/A នាំមុខ B|B នាំមុខ A/);
    await planner.waits();
    expect(await planner.barriers()).toEqual([]);
    expect(planner.complaints).toEqual([]);
    expect(await planner.smallTargets()).toEqual([]);
    await planner.keepsPicture("phone-compare-km");
  });
});
