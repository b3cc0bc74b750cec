import { describe, expect, it } from "vitest";
import { en } from "./en";
import { km } from "./km";
import { formats } from "./format";

type Tree = { [key: string]: unknown };

/** Calls every message, functions with placeholder arguments, and lists it by its path. */
function spoken(tree: Tree, path = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, entry]): [string, string][] => {
    const here = path ? `${path}.${key}` : key;
    // Takes the number of a month; tested below.
    if (here === "date") return [];
    if (typeof entry === "function") return [[here, String(entry("❶", "❷", "❸", "❹"))]];
    if (typeof entry === "string") return [[here, entry]];
    return spoken(entry as Tree, here);
  });
}

describe("the two languages", () => {
  const english = new Map(spoken(en));
  const khmer = new Map(spoken(km));

  it("say the same things", () => {
    expect([...khmer.keys()].sort()).toEqual([...english.keys()].sort());
  });

  it("leave nothing empty and nothing undefined", () => {
    for (const [path, text] of [...english, ...khmer]) {
      expect(text.trim(), path).not.toBe("");
      expect(text, path).not.toContain("undefined");
    }
  });

  it("speak Khmer in Khmer", () => {
    const sameOnPurpose = new Set(["app.switchTo", "units.metres"]);
    for (const [path, text] of khmer) {
      if (sameOnPurpose.has(path) || /^[❶❷❸❹]+$/u.test(text)) continue;
      expect(text, path).toMatch(/\p{Script=Khmer}/u);
    }
  });

  it("use every placeholder that the other uses, except for plurals", () => {
    const marks = (text: string) => new Set(text.match(/[❶❷❸❹]/gu) ?? []);
    for (const [path, text] of english) expect(marks(khmer.get(path) ?? ""), path).toEqual(marks(text));
  });
});

describe("numbers", () => {
  const e = formats(en);
  const k = formats(km);

  it("carry their units on one line", () => {
    expect(e.area(15_700)).toBe("1.6\u00a0ha");
    expect(e.area(950)).toBe("950\u00a0m²");
    expect(k.minutes(18.4)).toBe("18\u00a0នាទី");
  });

  it("never show a small amount as nothing", () => {
    expect(e.percent(0.004)).toBe("<\u00a01%");
    expect(e.depth(0.004)).toBe("<\u00a00.01\u00a0m");
    expect(e.minutes(0.2)).toBe("<\u00a01\u00a0min");
    expect(e.minutes(0)).toBe("0\u00a0min");
  });

  it("write Khmer with Latin digits", () => {
    expect(k.number(1234)).toBe("1,234");
  });

  it("name the months", () => {
    expect(e.date("2026-11-22T10:00:00Z")).toBe("22 November 2026");
    expect(k.date("2026-11-22T10:00:00Z")).toBe("22 វិច្ឆិកា 2026");
    expect(k.date("some day")).toBe("some day");
  });

  it("say one household and two households", () => {
    expect(e.households(1)).toBe("1 household");
    expect(e.households(2)).toBe("2 households");
  });
});
