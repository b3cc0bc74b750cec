import { beforeEach, expect, it, vi } from "vitest";
import { readViews, withoutPeople, writeViews } from "./views";

const kept = new Map<string, string>();
beforeEach(() => {
  kept.clear();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
});

it("keeps filters and never what was searched for", () => {
  writeViews([{ name: "Late", filter: { overdue: true, text: "Sok Dara" } }]);
  expect([...kept.values()].join()).not.toContain("Sok");
  expect(readViews()).toEqual([{ name: "Late", filter: { overdue: true } }]);
  expect(withoutPeople({ text: "x", mine: true })).toEqual({ mine: true });
});

it("takes what somebody else wrote there for nothing", () => {
  for (const junk of ["{", "7", '[{"name":3}]', '[{"name":"a","filter":null}]']) {
    kept.set("phteah.desk.views", junk);
    expect(readViews()).toEqual([]);
  }
});
