/** Job 8: what a planner carries out of the room: paper in either language, files, the decision record. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Download } from "playwright-core";
import { arrives, planner, server, sharedCity } from "./stories.ts";

/** A hectare in the city's west. */
const PLOT = "104.86,11.56:104.8612,11.56:104.8612,11.5612:104.86,11.5612";

let desk: string;

sharedCity();

beforeAll(() => {
  desk = mkdtempSync(join(tmpdir(), "phteah-desk-"));
});

afterAll(() => {
  rmSync(desk, { recursive: true, force: true });
});

/** Prints what the button asks for, as the browser's own dialog would, and gives the pages as PDF. */
async function prints(button: RegExp, kept: string): Promise<{ pages: number; text: string }> {
  const { page } = planner;
  await page.evaluate(() => {
    delete document.documentElement.dataset["printed"];
    window.print = () => {
      window.dispatchEvent(new Event("beforeprint"));
      document.documentElement.dataset["printed"] = "yes";
    };
  });
  await page.getByRole("button", { name: button }).click();
  await page.waitForFunction(() => document.documentElement.dataset["printed"] === "yes");
  await page.emulateMedia({ media: "print" });
  const text = await page.locator("article.print-only").innerText();
  expect(await mapIsDrawn()).toBe(true);
  // The browser declares the printing over when the PDF is made.
  const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true });
  await page.emulateMedia({ media: "screen" });
  planner.keepsPaper(kept, pdf);
  return { pages: pdf.toString("latin1").match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 0, text };
}

/** Whether the map on the paper shows something: a canvas that was lost is of one colour. */
async function mapIsDrawn(): Promise<boolean> {
  return planner.page.locator("article.print-only canvas").evaluate((canvas) => {
    const drawn = canvas as HTMLCanvasElement;
    const dots = drawn.getContext("2d")?.getImageData(0, 0, drawn.width, drawn.height).data ?? [];
    const colours = new Set<number>();
    for (let at = 0; at < dots.length; at += 4 * 97) {
      colours.add(((dots[at] ?? 0) << 16) | ((dots[at + 1] ?? 0) << 8) | (dots[at + 2] ?? 0));
    }
    return colours.size > 8;
  });
}

async function downloads(click: () => Promise<void>): Promise<{ name: string; bytes: Buffer }> {
  const [file] = await Promise.all([planner.page.waitForEvent("download"), click()]);
  return { name: (file as Download).suggestedFilename(), bytes: readFileSync(await file.path()) };
}

describe("a planner who goes to a meeting", () => {
  test("prints the shortlist with a map of it", async () => {
    await arrives();
    const before = await planner.page.evaluate(() => location.hash);
    const [best] = await planner.order();
    await planner.page.getByRole("button", { name: "Export" }).click();
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("take-away");
    const { pages, text } = await prints(/Print the shortlist/, "shortlist");
    // A list of twenty, what it follows from, and what is known too little of.
    expect(pages).toBeLessThanOrEqual(3);
    expect(text).toContain("Shortlist of candidate sites");
    expect(text).toContain("Not for decisions about real places.");
    expect(text).toContain(best ?? "no site");
    expect(text).toContain("Weighted sum");
    await planner.waits();
    // The map on the screen is where it was.
    expect(await planner.page.evaluate(() => location.hash)).toBe(before);
  });

  test("prints the sheet of a site in Khmer, with its map", async () => {
    await arrives("desktop", "#lang=km");
    await planner.page.locator("[role=option]").nth(1).click();
    const name = await planner.page.locator("article h2").innerText();
    await planner.waits();
    await planner.page.getByRole("button", { name: "នាំចេញ" }).click();
    const { pages, text } = await prints(new RegExp(`បោះពុម្ពសន្លឹកទីតាំង ${name}`), "sheet-km");
    expect(pages).toBeLessThanOrEqual(2);
    expect(text).toContain(name);
    expect(text).toContain("ទិន្នន័យឧទាហរណ៍");
    expect(text).toMatch(/នាទី ដោយថ្មើរជើង/);
  });

  test("takes a drawn plot along: on its own sheet, in the shortlist, as a file", async () => {
    await arrives("desktop", `#lang=en&plot=${PLOT}&name=Rice mill`);
    const { page } = planner;
    await page.locator("[data-ready=drawn]").waitFor();
    const [rank] = (await page.getByText(/^Rank [\d,]+ of [\d,]+$/).innerText()).match(/[\d,]+/) ?? [];
    await planner.waits();
    await page.getByRole("button", { name: "Export" }).click();
    const file = await downloads(() => page.getByRole("button", { name: /^Your plot as GeoJSON/ }).click());
    const plot = JSON.parse(file.bytes.toString()) as {
      geometry: { type: string };
      properties: { rank: number; name: string };
    };
    // Its own name stands wherever it is told of.
    expect([file.name, plot.properties.name]).toEqual(["phteah-Rice mill.geojson", "Rice mill"]);
    expect(plot.geometry.type).toMatch(/Polygon$/);
    expect(plot.properties.rank.toLocaleString("en")).toBe(rank);
    const sheet = await prints(/Print the sheet of Rice mill/, "sheet-drawn");
    expect(sheet.pages).toBe(1);
    expect(sheet.text).toContain("Rice mill");
    expect(sheet.text).toContain("Drawn by hand, not among the candidate sites");
    expect(sheet.text).toContain(`Rank ${rank} of`);
    await page.getByRole("button", { name: "Export" }).click();
    const list = await prints(/Print the shortlist/, "shortlist-drawn");
    expect(list.text).toContain("Rice mill");
    expect(list.text).toContain("The best 20 of");
    expect(planner.complaints).toEqual([]);
  });

  test("takes every kind of file", async () => {
    await arrives();
    await planner.page.getByRole("button", { name: "Export" }).click();
    const starts: Record<string, (bytes: Buffer) => boolean> = {
      // What people look for first stands first.
      CSV: (bytes) => /^\ufeff?Rank,/m.test(bytes.subarray(0, 4000).toString()),
      XLSX: (bytes) => bytes.subarray(0, 2).toString() === "PK",
      GeoJSON: (bytes) => (JSON.parse(bytes.toString()) as { type: string }).type === "FeatureCollection",
      GeoPackage: (bytes) => bytes.subarray(0, 15).toString() === "SQLite format 3",
      JSON: (bytes) => (JSON.parse(bytes.toString()) as { ranking: { id: string } }).ranking.id === planner.ranking,
    };
    for (const [format, isOne] of Object.entries(starts)) {
      const { name, bytes } = await downloads(() =>
        planner.page.getByRole("button", { name: new RegExp(`^${format} `) }).click(),
      );
      expect(name).toMatch(new RegExp(`\\.(${format === "GeoPackage" ? "gpkg" : format.toLowerCase()})$`));
      expect(isOne(bytes), format).toBe(true);
      await planner.sees(`${name} is in your downloads.`);
    }
    await planner.page.getByRole("radio", { name: /^The best 20$/ }).check();
    const { bytes } = await downloads(() => planner.page.getByRole("button", { name: /^GeoJSON / }).click());
    expect((JSON.parse(bytes.toString()) as { features: unknown[] }).features).toHaveLength(20);
    expect(planner.complaints).toEqual([]);
  });

  // The record is checked by the program itself, which is there only where this run started it.
  test.skipIf(process.env["PHTEAH_URL"])("saves a decision record that can be verified", async () => {
    await arrives();
    const [, second] = await planner.order();
    await planner.page.getByRole("button", { name: "Export" }).click();
    await planner.page.getByLabel("Decided by").fill("Housing committee");
    await planner.page.getByLabel("Notes").fill("Illustrative decision.");
    await planner.page.getByRole("button", { name: "Add a site" }).click();
    await planner.page.getByLabel("Site 1", { exact: true }).fill("Nowhere at all");
    await planner.page.getByLabel("Reason 1").fill("The owner has agreed already.");
    await planner.page.getByRole("button", { name: "Save the record" }).click();
    await planner.sees("No site of this ranking has this name or code.");
    await planner.page.getByLabel("Site 1", { exact: true }).fill(second ?? "");
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("take-away-record");
    const { name, bytes } = await downloads(() =>
      planner.page.getByRole("button", { name: "Save the record" }).click(),
    );
    expect(name).toMatch(/\.json$/);
    const path = join(desk, name);
    writeFileSync(path, bytes);
    const checked = spawnSync(server.program, ["record", "verify", path, "--data", server.data ?? ""], {
      encoding: "utf8",
    });
    expect(checked.status, checked.stderr + checked.stdout).toBe(0);
  });

  test("takes things away on a phone", async () => {
    await arrives("phone");
    await planner.page.getByRole("button", { name: "Export" }).tap();
    await planner.sees("Decision record");
    const small = await planner.page
      .locator("dialog button:visible, dialog input[type=text]:visible")
      .evaluateAll((all) =>
        all.filter((one) => one.getBoundingClientRect().height < 43.5).map((one) => one.outerHTML.slice(0, 100)),
      );
    expect(small, "targets below 44 px").toEqual([]);
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("take-away-phone");
  });
});
