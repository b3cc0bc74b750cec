import { describe, expect, it } from "vitest";
import type { Settlement } from "../api/types";
import { bySangkat, chosenOnes, foundAmong, withOrWithout } from "./movers";

const place = (code: string, en: string, km: string) => ({ code, en, km });
const settlement = (id: string, en: string, km: string, sangkat: Settlement["sangkat"]): Settlement => ({
  id,
  lon: 104.9,
  lat: 11.5,
  name: { en, km },
  sangkat,
});
const kakab = place("120902", "Kakab", "កាកាប");
const all = [
  settlement("A", "Lake side", "ស", place("120901", "Prek Pnov", "ព្រែក\u200bព្នៅ")),
  settlement("B", "Rail side", "រ", null),
  settlement("C", "Pond side", "ត", kakab),
  settlement("D", "Dyke side", "ទ", kakab),
];
const ids = (some: Settlement[]) => some.map(({ id }) => id);

describe("those who would move", () => {
  it("are everybody, nobody yet, or those named", () => {
    expect(chosenOnes("all", false)).toBeNull();
    expect(chosenOnes("all", true)?.size).toBe(0);
    expect([...(chosenOnes(["A"], true) ?? [])]).toEqual(["A"]);
  });

  it("are chosen and left out again, each once", () => {
    expect(withOrWithout(null, ["A", "B"], true)).toEqual(["A", "B"]);
    expect(withOrWithout(new Set(["A", "B"]), ["B", "C"], true)).toEqual(["A", "B", "C"]);
    expect(withOrWithout(new Set(["A", "B"]), ["A", "D"], false)).toEqual(["B"]);
  });

  it("are found by id, name or sangkat in either script", () => {
    expect(ids(foundAmong(all, ""))).toEqual(["A", "B", "C", "D"]);
    expect(ids(foundAmong(all, "rail"))).toEqual(["B"]);
    expect(ids(foundAmong(all, "ព្រែកព្នៅ"))).toEqual(["A"]);
    expect(ids(foundAmong(all, "kakab"))).toEqual(["C", "D"]);
  });

  it("stand by sangkat, those of no known sangkat last", () => {
    const groups = bySangkat(all, (sangkat) => sangkat?.en ?? "", "Elsewhere");
    expect(groups.map(([, { name, members }]) => [name, ids(members)])).toEqual([
      ["Kakab", ["C", "D"]],
      ["Prek Pnov", ["A"]],
      ["Elsewhere", ["B"]],
    ]);
  });
});
