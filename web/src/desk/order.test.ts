import { describe, expect, it } from "vitest";
import { distinct, inOrder, meant } from "./order";

const choices = (...labels: string[]) => labels.map((label, i) => ({ id: `s${i}`, label }));
const labels = (list: readonly { label: string }[]) => list.map(({ label }) => label);

describe("what people choose from", () => {
  it("stands by the size of numbers", () => {
    expect(labels(inOrder(choices("Site 10", "Site 9", "Site 100", "site 2"), "en"))).toEqual([
      "site 2",
      "Site 9",
      "Site 10",
      "Site 100",
    ]);
  });

  it("stands by the letters of Khmer in Khmer", () => {
    // Chuon Nath's order: ក ខ ច ដ ប ព.
    expect(labels(inOrder(choices("ពោធិ៍ចិនតុង", "ចោមចៅ", "បឹងកក់", "កាកាប", "ដង្កោ"), "km"))).toEqual([
      "កាកាប",
      "ចោមចៅ",
      "ដង្កោ",
      "បឹងកក់",
      "ពោធិ៍ចិនតុង",
    ]);
  });

  it("is told apart where two things have one name", () => {
    expect(labels(distinct(choices("Riverside", "Hill", "Riverside")))).toEqual([
      "Riverside (s0)",
      "Hill",
      "Riverside (s2)",
    ]);
  });

  it("is found by its name or by a part that only one has", () => {
    const sites = choices("Site 1", "Site 12", "Kakab 3");
    expect(meant(sites, "site 1")?.label).toBe("Site 1");
    expect(meant(sites, "kak")?.label).toBe("Kakab 3");
    expect(meant(sites, "12")?.label).toBe("Site 12");
    expect(meant(sites, "site")).toBeNull();
    expect(meant(sites, " ")).toBeNull();
    expect(meant(sites, "nowhere")).toBeNull();
  });
});
