/** A partner finds numbers about families by `/data` alone, reads under which rules they are told, and takes them along. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { comes, ownDeployment, planner, server } from "./stories.ts";
import { runs } from "./server.ts";

/** Khan and sangkat codes are those of the illustrative city. */
const FAMILIES: Record<string, number> = { "120101": 40, "120102": 34, "120201": 28, "120202": 4 };

/** Events as a phone would have written them. Nobody in them exists. */
function events(): string {
  const lines: string[] = [];
  let n = 0;
  for (const [sangkat, count] of Object.entries(FAMILIES)) {
    for (let i = 0; i < count; i++) {
      n += 1;
      const tail = n.toString(16).padStart(12, "0");
      lines.push(
        JSON.stringify({
          id: `019ae3a0-0000-7000-8000-${tail}`,
          household: `00000000-0000-4000-8000-${tail}`,
          kind: "surveyed",
          after: [],
          happened_on: "2026-01-20",
          recorded_at: "2026-01-20T03:10:00Z",
          facts: {
            "dwelling.sangkat": sangkat,
            "head.sex": i % 2 === 0 ? "female" : "male",
            "head.name": "Illustrative",
            "record.illustrative": true,
          },
        }),
      );
    }
  }
  return lines.join("\n");
}

ownDeployment((data) => {
  runs(["demo", "--data", data, "--households", "0", "--parcels", "400", "--cell", "300"]);
  const file = join(data, "..", "families-of-the-browser-test.jsonl");
  const key = ["--key-file", `${data}.key`];
  writeFileSync(file, events());
  runs(["key", "make", "--data", data, ...key]);
  runs(["registry", "import", file, "--data", data, ...key]);
  for (const name of ["Sok Illustrative", "Chan Illustrative"]) {
    runs(["account", "add", name, "--role", "planner", "--data", data]);
  }
  const tables = "families_by_area,disability_by_khan";
  runs(["release", "prepare", "--by", "Sok Illustrative", "--tables", tables, "--data", data, ...key]);
  runs(["release", "confirm", "1", "--by", "Chan Illustrative", "--data", data, ...key]);
  runs(["publish", "families_by_area", "public", "--data", data]);
});

describe("a partner", () => {
  test("finds a release on the page of data, reads its rules, and downloads it", async () => {
    await comes();
    const { page } = planner;
    await planner.finds("/data?lang=en");
    await page.getByRole("link", { name: "Families by area" }).first().click();
    const text = await page.locator("main, body").first().innerText();
    for (const told of [
      "Each family counts once",
      "Numbers from 1 to 9 are hidden",
      "A hidden number is empty, which is not zero",
      "SHA-256",
    ]) {
      expect(text).toContain(told);
    }
    await planner.keepsPicture("release-page");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "families_by_area CSV" }).click(),
    ]);
    const csv = readFileSync(await download.path(), "utf8").replace(/^\uFEFF/, "");
    const [header, ...rows] = csv
      .trim()
      .split(/\r?\n/)
      .map((row) => row.split(","));
    const at = (name: string) => header?.indexOf(name) ?? -1;
    const all = rows.find((row) => row[at("khan")] === "total");
    expect(all?.[at("families")]).toBe("106");
    const numbers = rows
      .map((row) => row[at("families")] ?? "")
      .filter((value) => value !== "")
      .map(Number);
    expect(numbers.filter((value) => value > 0 && value < 10)).toEqual([]);
    expect(rows.some((row) => row[at("hidden")] === "true" && row[at("families")] === "")).toBe(true);
    // What was not published is not there.
    await planner.finds("/data?lang=en");
    expect(await page.locator("body").innerText()).not.toContain("School attendance by khan");
    expect(server.url).toContain("127.0.0.1");
  });

  test("reads the page in Khmer", async () => {
    await comes("phone");
    const { page } = planner;
    await planner.finds("/data/families_by_area?lang=km");
    expect(await page.locator("h1").innerText()).toContain("ស្ថិតិគ្រួសារ៖ គ្រួសារបែងចែកតាមសង្កាត់");
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("release-page-khmer");
  });
});
