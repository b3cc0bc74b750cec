import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readChosen, writeChosen } from "./chosen";

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  });
});
afterEach(() => vi.unstubAllGlobals());

describe("chosen families", () => {
  it("outlive a page that is loaded again, for who chose them alone", () => {
    writeChosen("a", ["1", "2"]);
    expect(readChosen("a")).toEqual(["1", "2"]);
    expect(readChosen("b")).toEqual([]);
    writeChosen("a", []);
    expect(readChosen("a")).toEqual([]);
  });

  it("are none where something else was kept, or nothing can be", () => {
    sessionStorage.setItem("phteah.desk.chosen", "[1");
    expect(readChosen("a")).toEqual([]);
    vi.stubGlobal("sessionStorage", undefined);
    writeChosen("a", ["1"]);
    expect(readChosen("a")).toEqual([]);
  });
});
