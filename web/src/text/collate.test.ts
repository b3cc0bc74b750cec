import { describe, expect, it } from "vitest";
import { compareNames } from "./collate";

/** Names of Phnom Penh's divisions and words that show a rule each, in no order. */
const NAMES =
  "ចំការមន ដូនពេញ ប្រាំពីរមករា ទួលគោក ដង្កោ មានជ័យ ឫស្សីកែវ សែនសុខ ពោធិ៍សែនជ័យ ជ្រោយចង្វារ ព្រែកព្នៅ ច្បារអំពៅ បឹងកេងកង កំបូល កោះដាច់ រលួស ល្បើក អូរបែកក្អម ឥន្ទ្រទេវី ឬស្សី ឮ វត្តភ្នំ ធម៌ ធម កាកាបទី១ កាកាបទី២ កាកាបទី១០ ស្រះចក អាកាស ឧត្តុង្គ ឱរ៉ាល់".split(
    " ",
  );

describe("the order of names", () => {
  const browser = new Intl.Collator("km", { numeric: true });

  it.runIf(browser.resolvedOptions().locale === "km")("is the one of the Unicode CLDR for Khmer", () => {
    expect([...NAMES].sort(compareNames)).toEqual([...NAMES].sort((a, b) => browser.compare(a, b)));
  });

  it("puts ឫ and ឬ after រ, and ឮ after ល", () => {
    const letters = ["ឮ", "អ", "ឬ", "ល", "រ", "វ", "ឫ"];
    expect(letters.sort(compareNames)).toEqual(["រ", "ឫ", "ឬ", "ល", "ឮ", "វ", "អ"]);
  });

  it("counts digits of both systems and does not see zero-width spaces", () => {
    expect(["ទី១០", "ទី2", "ទី១"].sort(compareNames)).toEqual(["ទី១", "ទី2", "ទី១០"]);
    expect(["ភ្នំ\u200bខ", "ភ្នំក"].sort(compareNames)).toEqual(["ភ្នំក", "ភ្នំ\u200bខ"]);
  });

  it("orders Latin names without regard to case and marks, before Khmer ones", () => {
    expect(["ក", "zebra", "Église", "apple", "Site 10", "Site 9"].sort(compareNames)).toEqual([
      "apple",
      "Église",
      "Site 9",
      "Site 10",
      "zebra",
      "ក",
    ]);
  });

  it("is an order: the same whatever it starts from", () => {
    const once = [...NAMES].sort(compareNames);
    expect([...NAMES].reverse().sort(compareNames)).toEqual(once);
  });
});
