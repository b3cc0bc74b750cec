import { expect, it } from "vitest";
import { deskEn } from "../i18n/desk-en";
import type { ReleaseTable } from "./api";
import { audienceOf, categoryName, columnName, ownTables, placesOf, rowsOf, shareName, shareOf } from "./released";

const cell = (names: string[], families: number | null) => ({
  names,
  families,
  reason: families === null ? "small" : null,
  shares: [],
  median: null,
  median_day: null,
});

const table = {
  id: "t",
  title: { en: "", km: "" },
  about: { en: "", km: "" },
  over: "recorded",
  columns: ["khan", "tenure"],
  shares: [],
  median_of: null,
  median_unit: null,
  places: { "1201": { name: "Chamkar Mon", name_km: "ចំការមន" } },
  cells: [
    cell(["1202", "total"], 40),
    cell(["1201", "total"], null),
    cell(["1201", "no_title"], null),
    cell(["total", "total"], 60),
  ],
} satisfies ReleaseTable;

it("says places, answers and what nobody has worded", () => {
  const say = (column: string, name: string, lang: "en" | "km" = "en") =>
    categoryName(deskEn, table, column, name, lang, (id) => (id === "S1" ? "Andong" : ""));
  expect(say("khan", "1201")).toBe("Chamkar Mon");
  expect(say("khan", "1201", "km")).toBe("ចំការមន");
  expect(say("khan", "total")).toBe("All");
  expect(say("site", "S1")).toBe("Andong");
  expect(say("site", "S2")).toBe("S2");
  expect(say("tenure", "no_title")).toBe("no title");
  expect(columnName(deskEn, "head_sex")).toBe("Sex of the head");
  expect(columnName(deskEn, "roof.kind")).toBe("roof kind");
  expect(shareName(deskEn, "share_rented")).toBe("share rented");
});

it("gives the rows of a place, sums first in the list of places", () => {
  expect(placesOf(table)).toEqual(["total", "1201", "1202"]);
  expect(rowsOf(table, "1201").map((row) => row.names[1])).toEqual(["total", "no_title"]);
  expect(rowsOf(table, "").length).toBe(4);
  // Places where nobody is come last, as they are most.
  const empty = { ...table, cells: [cell(["0901", "total"], 0), cell(["0901", "no_title"], 0), ...table.cells] };
  expect(placesOf(empty)).toEqual(["total", "1201", "1202", "0901"]);
  expect(rowsOf(empty, "").map((row) => row.names[0])).toEqual(["1202", "1201", "1201", "total", "0901", "0901"]);
});

it("words every column and share of the tables that come with the program", () => {
  const files = import.meta.glob<string>("../../../geodata/indicators/*.toml", {
    query: "?raw",
    import: "default",
    eager: true,
  });
  const texts = Object.values(files);
  expect(texts.length).toBeGreaterThan(10);
  for (const text of texts) {
    const columns = [...text.matchAll(/column = "(\w+)"/g)].map(([, column]) => column ?? "");
    for (const column of columns) expect(columnName(deskEn, column), column).not.toBe(column.replace(/_/g, " "));
    const shares = [...text.matchAll(/^name = "(share_\w+)"/gm)].map(([, share]) => share ?? "");
    for (const share of shares) expect(shareName(deskEn, share), share).not.toContain("share ");
  }
});

it("says neither all nor nothing of what is not quite that", () => {
  expect([shareOf(0, 9), shareOf(9, 9), shareOf(0, 0)]).toEqual([0, 1, 0]);
  expect([shareOf(4411, 4425), shareOf(1, 4425)]).toEqual([0.99, 0.01]);
});

it("knows one audience only where all tables have it", () => {
  const seen = (...by: string[]) => audienceOf(by.map((seen_by) => ({ seen_by })));
  expect([seen("public", "public"), seen("internal"), seen("internal", "public"), seen()]).toEqual([
    "public",
    "internal",
    null,
    null,
  ]);
});

it("of a release, who sees a table is asked where no later one has taken its place", () => {
  const tables = [{ layer_of: 1 }, { layer_of: 2 }, { layer_of: null }, { layer_of: 3 }];
  expect(ownTables({ number: 2, tables })).toEqual([{ layer_of: 1 }, { layer_of: 2 }, { layer_of: null }]);
});
