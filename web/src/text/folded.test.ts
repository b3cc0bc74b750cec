import { describe, expect, it } from "vitest";
import vectors from "../../../tests/vectors/name-search.json";
import { folded } from "./folded";

describe("names as searching compares them", () => {
  it.each(vectors.same)("%s is found however it is typed", (first, ...others) => {
    for (const other of others) expect(folded(other ?? ""), other).toBe(folded(first ?? ""));
  });

  it.each(vectors.different)("%s is not %s", (a, b) => {
    expect(folded(a ?? "")).not.toBe(folded(b ?? ""));
  });

  it("is the same when folded again", () => {
    for (const name of [...vectors.same, ...vectors.different].flat()) expect(folded(folded(name))).toBe(folded(name));
  });
});
