import { describe, expect, it } from "vitest";
import { deskEn } from "./desk-en";
import { deskKm } from "./desk-km";

type Tree = { [key: string]: unknown };

/** Every text by its path; functions are called with marks in place of what they are given. */
function spoken(tree: Tree, path = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, entry]): [string, string][] => {
    const here = path ? `${path}.${key}` : key;
    if (typeof entry === "function") return [[here, String(entry("❶", "❷", "❸", "❹"))]];
    if (typeof entry === "string") return [[here, entry]];
    return spoken(entry as Tree, here);
  });
}

describe("the words of the desk", () => {
  const english = new Map(spoken(deskEn));
  const khmer = new Map(spoken(deskKm));

  it("say the same things in both languages", () => {
    expect(english.size).toBeGreaterThan(300);
    expect([...khmer.keys()].sort()).toEqual([...english.keys()].sort());
  });

  it("leave nothing empty, and speak Khmer in Khmer", () => {
    for (const [path, text] of [...english, ...khmer]) {
      expect(text.trim(), path).not.toBe("");
      expect(text, path).not.toContain("undefined");
    }
    for (const [path, text] of khmer) {
      if (!/^[❶❷❸❹ ]+$/u.test(text)) expect(text, path).toMatch(/\p{Script=Khmer}/u);
    }
  });

  it("use every placeholder that the other uses", () => {
    const marks = (text: string) => new Set(text.match(/[❶❷❸❹]/gu) ?? []);
    for (const [path, text] of english) expect(marks(khmer.get(path) ?? ""), path).toEqual(marks(text));
  });
});
