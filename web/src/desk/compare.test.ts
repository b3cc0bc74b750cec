import { describe, expect, it } from "vitest";
import { deskEn } from "../i18n/desk-en";
import type { Household } from "./api";
import { compared, metresBetween, type Teller } from "./compare";

const teller: Teller = {
  t: deskEn,
  place: (code) => code,
  site: (id) => id,
  date: (day) => day,
};

function household(change: Partial<Household>, at: [number, number, number] | null = [104.9, 11.56, 5]): Household {
  const said = { event: "e", author: { by_phone: true, by_program: false }, on: "2026-01-05", recorded_at: "" };
  const survey = { event: "e", kind: "surveyed", said, location: at, facts: {}, more: {} };
  return {
    names: { km: "សុខ តារា", latin: "Sok Dara" },
    code: "WEK5KV50R",
    statuses: ["verified"],
    places: [{ code: "120101" }],
    site: null,
    size: 2,
    members: [],
    facts: [],
    events: [survey],
    ...change,
  } as unknown as Household;
}
const fact = (path: string, value: unknown) => ({ path, values: [{ value, said: [] }] });
const member = (name: string, born: number) => ({
  id: name,
  facts: [fact("name_latin", name), fact("birth_year", born)],
});

describe("two records side by side", () => {
  it("tell names, code, place, people, phone and dates, and mark what differs", () => {
    const one = household({
      members: [member("Sok Dara", 1988), member("Keo Maly", 1990)],
      facts: [fact("head.phone", "012 345 678")] as Household["facts"],
    } as Partial<Household>);
    const other = household({
      code: "0118ZFZR4",
      members: [member("Keo Maly", 1990), member("Sok Dara", 1987)],
      facts: [fact("head.phone", "012 345 678")] as Household["facts"],
    } as Partial<Household>);
    const rows = new Map(compared(one, other, teller).map((row) => [row.label, row]));
    expect(rows.get("Code")).toMatchObject({ values: [["WEK5-KV50-R"], ["0118-ZFZR-4"]], differs: true });
    expect(rows.get("Phone number")).toMatchObject({ differs: false });
    expect(rows.get("Members")?.values).toBeDefined();
    expect(rows.get("Last record")?.values).toEqual([["2026-01-05"], ["2026-01-05"]]);
    const people = compared(one, other, teller).find(({ values }) => values[0].some((line) => line.includes("Maly")));
    expect(people).toMatchObject({
      values: [
        ["Sok Dara · born 1988", "Keo Maly · born 1990"],
        ["Keo Maly · born 1990", "Sok Dara · born 1987"],
      ],
      differs: true,
    });
  });

  it("take the order of people for nothing, and what nobody said for no difference", () => {
    const one = household({ members: [member("A", 1), member("B", 2)], site: null } as Partial<Household>);
    const other = household({
      members: [member("B", 2), member("A", 1)],
      site: "site-7",
      code: null,
    } as Partial<Household>);
    expect(compared(one, other, teller).filter(({ differs }) => differs)).toEqual([]);
  });

  it("are as far apart as their surveys", () => {
    const here = household({});
    expect(metresBetween(here, household({}, [104.9, 11.561, 5]))).toBeCloseTo(111.2, 0);
    expect(metresBetween(here, household({}, null))).toBeNull();
  });
});
