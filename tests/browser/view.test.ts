/** Where the map opens and goes home to: every site can be seen, beside whatever lies over the map. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { screens } from "./planner.ts";
import { arrives, comes, planner, server, sharedCity } from "./stories.ts";

sharedCity();

interface Sites {
  sites: { id: string[]; lon: number[]; lat: number[] };
  places: Record<string, unknown>;
}

async function matrix(): Promise<Sites> {
  const { origin } = new URL(server.url);
  const answer = await fetch(`${origin}/api/rankings/${planner.ranking}/matrix`);
  return (await answer.json()) as Sites;
}

const mercator = (lat: number) => Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360));

/** What of the sites stands outside the map or under something, by the place that the page itself tells of two pixels. */
async function hiddenSites(): Promise<string[]> {
  const { page } = planner;
  const free = await page.evaluate(() => {
    const canvas = document.querySelector("canvas.maplibregl-canvas");
    const { left, top, width, height } = canvas?.getBoundingClientRect() ?? new DOMRect();
    const found: [x: number, y: number][] = [];
    for (let part = 0.02; part < 1; part += 0.02) {
      const [x, y] = [Math.round(left + width * (0.3 + part / 2)), Math.round(top + height * part)];
      if (document.elementFromPoint(x, y) === canvas) found.push([x, y]);
    }
    return found;
  });
  const [first, last] = [free[0], free.at(-1)];
  if (!first || !last || last[1] - first[1] < 50) throw new Error("There is no room on the map.");
  const told = async ([x, y]: [number, number]) => {
    await page.mouse.move(x, y);
    const [lat = NaN, lon = NaN] = ((await page.locator(".scale .at").textContent()) ?? "").split(",").map(Number);
    return { x, y, lon, north: mercator(lat) };
  };
  const a = await told(first);
  await page.mouse.move(first[0] + 1, first[1] + 1);
  const b = await told(last);
  const { sites } = await matrix();
  const places = sites.id.map((id, i) => ({
    id,
    x: a.x + (((sites.lon[i] ?? NaN) - a.lon) / (b.lon - a.lon)) * (b.x - a.x),
    y: a.y + ((mercator(sites.lat[i] ?? NaN) - a.north) / (b.north - a.north)) * (b.y - a.y),
  }));
  return page.evaluate(
    (all) =>
      all
        .filter(({ x, y }) => !document.elementFromPoint(x, y)?.matches("canvas.maplibregl-canvas"))
        .map(({ id, x, y }) => `${id} at ${Math.round(x)}, ${Math.round(y)}`),
    places,
  );
}

describe("a planner who sees the city", () => {
  for (const screen of ["desktop", "laptop", "phone"] as const) {
    const { width, height } = screens[screen].viewport;
    test(`finds every site in the free part of the map, at ${width} × ${height}`, async () => {
      await arrives(screen);
      await planner.keepsPicture(`view-${screen}`);
      expect(await hiddenSites()).toEqual([]);
      const { page } = planner;
      for (let n = 0; n < 2; n += 1) {
        await page.getByRole("button", { name: "Zoom in" }).click();
        await planner.waits();
      }
      expect(await hiddenSites()).not.toEqual([]);
      await page.getByRole("button", { name: /whole city/i }).click();
      await planner.waits();
      expect(await hiddenSites()).toEqual([]);
    });
  }

  for (const lang of ["en", "km"] as const) {
    test(`reads per cent without a space before its sign (${lang})`, async () => {
      await arrives("desktop", `#lang=${lang}`);
      const { page } = planner;
      const read = () =>
        page.evaluate(() => [
          document.body.innerText,
          ...[...document.querySelectorAll("[aria-valuetext]")].map((one) => one.getAttribute("aria-valuetext") ?? ""),
        ]);
      const weights = await read();
      await page.getByRole("tab").nth(1).click();
      await planner.waits();
      const layers = await read();
      const told = [...weights, ...layers].join("\n");
      expect(told.match(/\d%/g)?.length).toBeGreaterThan(20);
      expect(told.match(/.*\d\s%.*/g)).toBeNull();
      expect(layers).toContain("100%");
    });
  }

  test("finds a sangkat in which no site lies, in either script", async () => {
    await arrives();
    const { places } = await matrix();
    const lines = readFileSync(new URL("../../geodata/gazetteer.csv", import.meta.url), "utf8").split("\n");
    const without = lines
      .map((line) => line.split(","))
      .filter(([code = "", level]) => level === "sangkat" && !(code in places));
    expect(without.length).toBeGreaterThan(0);
    const [code = "", , , en = "", km = ""] = without[0] ?? [];
    for (const lang of ["en", "km"] as const) {
      await planner.leaves();
      await comes();
      await planner.opens(`#lang=${lang}`);
      for (const name of [en, km, code]) {
        await planner.page.getByRole("combobox").first().fill(name);
        await planner.page.locator("#search-hits li", { hasText: code }).first().waitFor();
      }
    }
  });
});
