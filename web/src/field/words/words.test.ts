import { describe, expect, it } from "vitest";
import { en } from "./en";
import { km } from "./km";

type Tree = { [key: string]: unknown };

/** Calls every message, functions with placeholders, and lists it by its path. */
function spoken(tree: Tree, path = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, entry]): [string, string][] => {
    const here = path ? `${path}.${key}` : key;
    if (here === "date") return [];
    if (typeof entry === "function") return [[here, String(entry("❶", "❷", "❸"))]];
    if (typeof entry === "string") return [[here, entry]];
    return spoken(entry as Tree, here);
  });
}

describe("the field app's two languages", () => {
  const english = new Map(spoken(en));
  const khmer = new Map(spoken(km));

  it("say the same things, and leave nothing empty", () => {
    expect([...khmer.keys()].sort()).toEqual([...english.keys()].sort());
    for (const [path, text] of [...english, ...khmer]) expect(text.trim(), path).not.toMatch(/^$|undefined/);
  });

  it("speak Khmer in Khmer", () => {
    for (const [path, text] of khmer) {
      if (path === "other" || /^[❶❷❸\s]+$/u.test(text)) continue;
      expect(text, path).toMatch(/\p{Script=Khmer}/u);
    }
  });

  it("use every placeholder that the other uses, but for plurals", () => {
    const marks = (text: string) => new Set(text.match(/[❷❸]/gu) ?? []);
    for (const [path, text] of english) expect(marks(khmer.get(path) ?? ""), path).toEqual(marks(text));
  });

  it("name the months", () => {
    expect(km.date("22", 10, "2026")).toBe("22 វិច្ឆិកា 2026");
    expect(en.date("22", 10, "2026")).toBe("22 November 2026");
  });
});
