/** What a planner prints, looked at as paper: the page that a printer gets, its map, its numbers. */
import { describe, expect, test } from "vitest";
import { arrives, planner, sharedCity } from "./stories.ts";

sharedCity();

interface Paper {
  pages: number;
  /** All that is written on it. */
  text: string;
  /** Numbers on the map, in the order of the list. */
  pins: string[];
  /** What sticks out over the paper or out of a box that cuts it off. */
  clipped: string[];
}

/** A4 without its margins, in pixels of a printer. */
const PAPER_PX = Math.round((184 / 25.4) * 96);

/** Has the page print by this act, without a printer, and reads the paper. */
async function prints(act: () => Promise<void>, kept: string): Promise<Paper> {
  const { page } = planner;
  await page.evaluate(() => {
    delete document.documentElement.dataset["printed"];
    window.print = () => {
      window.dispatchEvent(new Event("beforeprint"));
      document.documentElement.dataset["printed"] = "yes";
    };
  });
  await act();
  await page.waitForFunction(() => document.documentElement.dataset["printed"] === "yes");
  await page.emulateMedia({ media: "print" });
  const screen = page.viewportSize() ?? { width: 1440, height: 900 };
  await page.setViewportSize({ width: PAPER_PX, height: 1000 });
  const paper = page.locator("article.print-only");
  const text = await paper.innerText();
  const pins = await paper
    .locator("[data-pin]")
    .evaluateAll((all) => all.map((one) => one.getAttribute("data-pin") ?? ""));
  const clipped = await paper.evaluate((article) => {
    const right = article.getBoundingClientRect().right + 1;
    return [...article.querySelectorAll<HTMLElement>("*")]
      .filter((one) => one.checkVisibility() && one.childElementCount === 0 && one.textContent?.trim() !== "")
      .filter((one) => {
        const box = one.getBoundingClientRect();
        const cut = getComputedStyle(one).overflow !== "visible" && one.scrollWidth > one.clientWidth + 1;
        return box.right > right || cut;
      })
      .filter((one) => !one.closest(".hidden-visually"))
      .map((one) => one.textContent?.trim() ?? "");
  });
  const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true });
  await page.setViewportSize(screen);
  await page.emulateMedia({ media: "screen" });
  await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
  planner.keepsPaper(kept, pdf);
  return { pages: pdf.toString("latin1").match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 0, text, pins, clipped };
}

const presses = (name: RegExp) => async () => {
  await planner.page.getByRole("button", { name }).click();
};

async function opensExport(): Promise<void> {
  await planner.page
    .locator("header")
    .getByRole("button", { name: /^(Export|នាំចេញ)$/ })
    .click();
  await planner.page.locator("dialog").waitFor();
}

/** The numbers of the list on paper, with what marks a drawn plot. */
async function numbersOf(text: string): Promise<string[]> {
  return text.split("\n").flatMap((line) => /^(\d[\d,]*\*?)\t/.exec(line)?.[1] ?? []);
}

/** The shares of the map's area that two discs of the numbers must not share: none. */
async function overlaps(): Promise<number> {
  return planner.page.locator("article.print-only [data-pin] circle").evaluateAll((discs) => {
    const all = discs.map((disc) => {
      const at = (name: string) => Number(disc.getAttribute(name));
      return { x: at("cx"), y: at("cy"), r: at("r") };
    });
    let count = 0;
    all.forEach((a, n) => {
      for (const b of all.slice(0, n)) if (Math.hypot(a.x - b.x, a.y - b.y) < a.r + b.r - 1e-6) count += 1;
    });
    return count;
  });
}

describe("a shortlist on paper", () => {
  test("has one map with every number of its list, a scale and the north", async () => {
    await arrives();
    await opensExport();
    let overlapping = -1;
    const paper = await prints(async () => {
      await presses(/Print the shortlist/)();
      await planner.page.waitForFunction(() => document.documentElement.dataset["printed"] === "yes");
      overlapping = await overlaps();
    }, "paper-shortlist");
    expect(paper.pins).toHaveLength(20);
    expect(paper.pins).toEqual(await numbersOf(paper.text));
    expect(overlapping).toBe(0);
    expect(paper.clipped).toEqual([]);
    expect(paper.pages).toBeLessThanOrEqual(2);
    expect(paper.text).toMatch(/\d (m|km)\b/);
    expect(paper.text).toContain("N");
  });

  test("has its numbers in Khmer too, and nothing is cut off", async () => {
    await arrives("desktop", "#lang=km");
    await opensExport();
    const paper = await prints(presses(/បោះពុម្ពបញ្ជីសម្រាំង/), "paper-shortlist-km");
    expect(paper.pins).toHaveLength(20);
    expect(paper.pins).toEqual(await numbersOf(paper.text));
    expect(paper.clipped).toEqual([]);
    expect(paper.text).toContain("ជើង");
  });

  test("says which numbers the map does not show when it is printed as it stands", async () => {
    await arrives("desktop", "#lang=en&map=15/11.55/104.93");
    const paper = await prints(async () => planner.page.evaluate(() => window.print()), "paper-as-it-stands");
    const outside = /Outside this map: ([^.]*)\./.exec(paper.text)?.[1]?.split(", ") ?? [];
    expect([...paper.pins, ...outside]).toHaveLength(20);
    expect(outside.length).toBeGreaterThan(0);
  });
});

describe("the sheet of a site", () => {
  for (const [lang, print, floods, sure] of [
    ["en", /Print the sheet of/, "Once in … years", "How certain"],
    ["km", /បោះពុម្ពសន្លឹកទីតាំង/, "ម្ដងក្នុង … ឆ្នាំ", "ប្រាកដប៉ុណ្ណា"],
  ] as const) {
    test(`tells floods by return period and how certain its rank is (${lang})`, async () => {
      await arrives("desktop", `#lang=${lang}`);
      await planner.page.locator("[role=option]").nth(2).click();
      await planner.waits();
      const area = await planner.page.locator(".facts").innerText();
      await opensExport();
      const paper = await prints(presses(print), `paper-sheet-${lang}`);
      expect(paper.pins).toEqual(["3"]);
      expect(paper.text).toContain(floods);
      expect(paper.text).toContain(sure);
      expect(paper.text).toMatch(/10,000/);
      expect(paper.clipped).toEqual([]);
      expect(paper.pages).toBe(1);
      // One number for one thing, wherever it stands.
      const square = /([\d,.]+)\s(?:m²|ម²|ha|ហិកតា)/g;
      const [shown] = [...area.matchAll(square)].map(([, number]) => number);
      const own = [...paper.text.matchAll(square)].map(([, number]) => number);
      expect(shown).toBeDefined();
      expect(own).toContain(shown);
    });
  }

  test("has the area of its site once, however it is rounded elsewhere", async () => {
    await arrives();
    const { page } = planner;
    const answers = await page.evaluate(async (ranking) => {
      const [matrix, page] = await Promise.all([
        fetch(`/api/rankings/${ranking}/matrix`).then((answer) => answer.json()),
        fetch(`/api/rankings/${ranking}/sites?limit=100`).then((answer) => answer.json()),
      ]);
      return { matrix, page } as {
        matrix: { sites: { id: string[]; area_m2: number[] } };
        page: { sites: { id: string; area_m2: number }[] };
      };
    }, planner.ranking);
    const inMatrix = new Map(answers.matrix.sites.id.map((id, n) => [id, answers.matrix.sites.area_m2[n]]));
    for (const { id, area_m2 } of answers.page.sites) expect(inMatrix.get(id), id).toBe(area_m2);
  });
});

describe("a decision on paper", () => {
  test("is a page to sign: chosen sites, reasons, who, weights, what is not known", async () => {
    await arrives();
    const { page } = planner;
    const [first, , third] = await planner.order();
    await opensExport();
    await page.getByLabel("Decided by").fill("Illustrative housing committee");
    await page.getByRole("button", { name: "Choose a site" }).click();
    await page.getByLabel("Chosen site 1", { exact: true }).fill(first ?? "");
    await page.getByLabel("Why chosen 1", { exact: true }).fill("Families asked for the school near by.");
    await page.getByRole("button", { name: "Choose a site" }).click();
    await page.getByLabel("Chosen site 2", { exact: true }).fill(third ?? "");
    await page.getByLabel("Why chosen 2", { exact: true }).fill("Work within twenty minutes.");
    expect(await planner.barriers()).toEqual([]);
    const saved = page.waitForEvent("download");
    const paper = await prints(presses(/Print the page to sign/), "paper-decision");
    const file = await saved;
    expect(file.suggestedFilename()).toMatch(/^decision-record-.*\.json$/);
    for (const words of [
      "Decision",
      "Illustrative housing committee",
      first ?? "no site",
      third ?? "no site",
      "Families asked for the school near by.",
      "Work within twenty minutes.",
      "Weighted sum",
      "Counts at its lowest",
      "What is not known",
      "Weights used",
      "Signature or thumbprint",
      file.suggestedFilename(),
    ]) {
      expect(paper.text).toContain(words);
    }
    // Two chosen sites are two numbers in the table and two on the map.
    expect(paper.pins).toEqual(["1", "2"]);
    expect(paper.text).toMatch(/Seal: [0-9a-f]{64}/);
    expect(paper.clipped).toEqual([]);
    expect(paper.pages).toBeLessThanOrEqual(2);
    expect(planner.complaints).toEqual([]);
  });

  test("is not sealed without a reason, and says so beside the field", async () => {
    await arrives();
    const { page } = planner;
    const [first] = await planner.order();
    await opensExport();
    await page.getByLabel("Decided by").fill("Illustrative housing committee");
    for (const n of [1, 2]) {
      await page.getByRole("button", { name: "Choose a site" }).click();
      await page.getByLabel(`Chosen site ${n}`, { exact: true }).fill(first ?? "");
      await page.getByLabel(`Why chosen ${n}`, { exact: true }).fill("Near the school.");
    }
    await page.getByRole("button", { name: "Print the page to sign" }).click();
    await planner.sees("names a site that is chosen already");
  });

  test("can be signed in Khmer", async () => {
    await arrives("desktop", "#lang=km");
    const { page } = planner;
    const [first] = await planner.order();
    await opensExport();
    await page.getByLabel("សម្រេចដោយ").fill("គណៈកម្មការឧទាហរណ៍");
    await page.getByRole("button", { name: "ជ្រើសរើសទីតាំង" }).click();
    await page.getByLabel("ទីតាំងជ្រើសរើសទី 1", { exact: true }).fill(first ?? "");
    await page.getByLabel("ហេតុផលជ្រើសរើសទី 1").fill("សាលានៅជិត។");
    const paper = await prints(presses(/បោះពុម្ពទំព័រសម្រាប់ហត្ថលេខា/), "paper-decision-km");
    for (const words of ["ការសម្រេចចិត្ត", "គណៈកម្មការឧទាហរណ៍", first ?? "", "សាលានៅជិត។", "ហត្ថលេខា ឬស្នាមមេដៃ"])
      expect(paper.text).toContain(words);
    expect(paper.pins).toEqual(["1"]);
    expect(paper.clipped).toEqual([]);
    expect(paper.pages).toBeLessThanOrEqual(2);
  });
});
