/** A planner asks how sure the order is. */
import { describe, expect, test } from "vitest";
import { arrives, planner, sharedCity } from "./stories.ts";

sharedCity();

describe("a planner who asks how sure the order is", () => {
  test("reads it in the list and on the card", async () => {
    await arrives();
    const { page } = planner;
    await planner.sees(/Among the first 10 in \d+% of weightings/);
    await page.locator("[role=option]").first().click();
    await planner.sees(/Among the first 10 in \d+% of plausible weightings/);
  });

  test("reads why a site is excluded, and where it is", async () => {
    await arrives();
    const { page } = planner;
    await page.getByRole("button", { name: "Excluded", exact: true }).click();
    await planner.sees(/Stands under more than 0\.5 m of water|State public land/);
    const where = await page.locator("[role=option] .where").first().textContent();
    // Names, not codes.
    expect(where).toMatch(/^[A-Z][^\d]*[a-z]/);
  });

  test("looks at the heat map of ranks, under three kinds of weights", async () => {
    await arrives();
    const { page } = planner;
    await page.getByRole("button", { name: "How sure?", exact: true }).press("Enter");
    const table = page.locator("[data-ready=ranks]");
    await table.waitFor();
    const numbers = async () =>
      (await table.locator("tbody tr").first().getByRole("cell").allTextContents()).map(Number);
    const given = await numbers();
    // Shares of one site over all ranks, in per cent, rounded in each cell.
    expect(Math.abs(given.reduce((a, b) => a + b, 0) - 100)).toBeLessThanOrEqual(given.length);
    expect(await table.locator("tbody tr").count()).toBeGreaterThanOrEqual(10);
    expect(await planner.barriers()).toEqual([]);
    expect(planner.complaints).toEqual([]);
    await planner.keepsPicture("desktop-sure");
    await page.getByRole("button", { name: "any", exact: true }).click();
    await planner.sees(/Whatever the weights|any weights|weights/i);
    await page.waitForFunction((before) => {
      const cells = document.querySelectorAll("[data-ready=ranks] tbody tr:first-child td");
      return [...cells].map((cell) => Number(cell.textContent)).join() !== before;
    }, given.join());
    await page.getByRole("button", { name: "in your order" }).click();
    await table.waitFor();
    await page.getByText("Weights that put a site first").click();
    await planner.sees(/first where |first under weights like the average/);
  });

  test("reads what other methods say, and what is worth finding out", async () => {
    await arrives();
    const { page } = planner;
    await page.getByRole("button", { name: "How sure?", exact: true }).click();
    await page.getByRole("button", { name: "Other methods" }).click();
    const methods = page.locator("[data-ready=methods]");
    await methods.waitFor();
    for (const name of ["Weighted sum", "TOPSIS", "VIKOR", "PROMETHEE II", "SPOTIS"]) {
      await methods.getByRole("columnheader", { name }).waitFor();
    }
    await planner.sees(/first \d+ under every method/);
    await planner.waits();
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("desktop-methods");
    await page.getByRole("button", { name: "Worth finding out" }).click();
    await page.locator("[data-ready=unknowns]").waitFor();
    await planner.sees(/find out “/);
    await planner.sees(/rank \d+( to \d+|, or none| whatever)/);
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("desktop-unknowns");
    // A fact leads to its site.
    await page.locator("[data-ready=unknowns] button").first().click();
    await page.getByRole("article").getByRole("heading", { level: 2 }).waitFor();
    expect(planner.complaints).toEqual([]);
  });

  test("reads the heat map on a laptop without scrolling sideways", async () => {
    await arrives("laptop");
    const { page } = planner;
    await page.getByRole("button", { name: "How sure?", exact: true }).click();
    await page.locator("[data-ready=ranks]").waitFor();
    expect(await planner.scrollsSideways(".desk")).toEqual([]);
    await planner.keepsPicture("laptop-sure");
  });

  test("asks for it on a phone, in Khmer", async () => {
    await arrives("phone", "#lang=km");
    const { page } = planner;
    await page.getByRole("button", { name: "ប្រាកដប៉ុណ្ណា?", exact: true }).tap();
    await page.locator("[data-ready=ranks]").waitFor();
    expect(await planner.barriers()).toEqual([]);
    expect(planner.complaints).toEqual([]);
    expect(await planner.smallTargets()).toEqual([]);
    await planner.keepsPicture("phone-sure-km");
  });
});
