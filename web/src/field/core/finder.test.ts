import { describe, expect, it } from "vitest";
import { Finder, isNear } from "./finder";
import { needOf, visitOn, type Summary } from "./summary";

const summary = (id: string, names: string[], more: Partial<Summary> = {}): Summary => ({
  id,
  code: null,
  name: names[0] ?? null,
  nameLatin: null,
  names,
  people: null,
  lon: null,
  lat: null,
  atSite: false,
  statuses: ["surveyed"],
  conflicts: 0,
  visits: [],
  notFound: 0,
  referred: 0,
  mergedInto: null,
  hidden: false,
  lastOn: null,
  ...more,
});

const finder = new Finder([
  summary("1", ["សុខ ដារ៉ា", "Sok Dara"], { code: "0118-8FZR-M" }),
  summary("2", ["ចាន់ ស្រ្តី", "Chan Srey"]),
  summary("3", ["Keo Neary"], { mergedInto: "1" }),
]);
const ids = (text: string) => finder.find(text).map(({ id }) => id);

describe("finding a household", () => {
  it.each([
    ["in Khmer", "សុខ", "1"],
    ["with signs in another order", "ស្ត្រី", "2"],
    ["in Latin letters", "sok d", "1"],
    ["by the second word first", "dara sok", "1"],
    ["in another spelling", "Sukh Dara", "1"],
    ["with one letter wrong", "Sok Dora", "1"],
    ["with two letters in each other's place", "Chna Srey", "2"],
    ["by its code in Khmer digits", "០១១៨ 8fzr m", "1"],
    ["by the beginning of its code", "0118-8", "1"],
  ])("%s", (_, text, id) => expect(ids(text)).toContain(id));

  it("finds nothing for nothing, and no record that goes on elsewhere", () => {
    expect(ids("")).toEqual([]);
    expect(ids("\u200b ")).toEqual([]);
    expect(ids("Keo Neary")).toEqual([]);
    expect(ids("Zanzibar")).toEqual([]);
  });

  it("tells one wrong sign from two", () => {
    expect(isNear("dara", "dora")).toBe(true);
    expect(isNear("dara", "dar")).toBe(true);
    expect(isNear("dara", "ddara")).toBe(true);
    expect(isNear("dara", "adra")).toBe(true);
    expect(isNear("dara", "doro")).toBe(false);
    expect(isNear("dara", "da")).toBe(false);
  });
});

describe("what a household needs", () => {
  const visits = [
    { months: 1, from: "2026-12-14", on: "2026-12-21", until: "2026-12-28", next: "2027-02-07" },
    { months: 3, from: "2027-02-07", on: "2027-02-21", until: "2027-03-07", next: null },
  ];
  const one = summary("1", [], { visits });

  it("follows from the day", () => {
    expect(needOf(one, "2026-12-13")).toBe("nothing");
    expect(needOf(one, "2026-12-14")).toBe("visit");
    expect(needOf(one, "2026-12-29")).toBe("overdue");
    expect(visitOn(one, "2027-02-07")?.visit.months).toBe(3);
  });

  it("is first that its answers differ", () => {
    expect(needOf({ ...one, conflicts: 1 }, "2026-12-29")).toBe("conflict");
    expect(needOf({ ...one, mergedInto: "2", conflicts: 1 }, "2026-12-29")).toBe("nothing");
    expect(needOf(summary("1", [], { statuses: ["recorded"] }), "2026-12-29")).toBe("survey");
  });
});

describe("three thousand households", () => {
  const first = ["សុខ", "ចាន់", "កែវ", "ស្រី", "វណ្ណា", "ដារ៉ា", "ពិសិដ្ឋ", "មករា"];
  const second = ["ធី", "នារី", "សុភា", "រតនា", "បុប្ផា", "វិចិត្រ"];
  const many = Array.from({ length: 3000 }, (_, n) =>
    summary(String(n), [`${first[n % first.length]} ${second[n % second.length]} ${n}`, `Person ${n} Illustrative`]),
  );

  it("are found one among all", () => {
    const found = new Finder(many).find("Person 2718");
    expect(found[0]?.id).toBe("2718");
  });

  it("give no more than can be read", () => {
    expect(new Finder(many).find("Person")).toHaveLength(50);
  });
});
