import { describe, expect, it } from "vitest";
import vectors from "../../../tests/vectors/search-form.json";
import { folded } from "./folded";

const { same, different, contains } = vectors as unknown as Record<"same" | "different" | "contains", string[][]>;

describe("names as searching compares them", () => {
  it.each(same.map((group) => [group[0] ?? "", group] as const))("%s is found however it is typed", (first, group) => {
    for (const other of group) expect(folded(other), escape(other)).toBe(folded(first));
  });

  it.each(different.map((group) => [group.join(" "), group] as const))("%s stay apart", (_, group) => {
    expect(new Set(group.map(folded)).size).toBe(group.length);
  });

  it.each(contains)("%s holds %s", (name, part) => expect(folded(name ?? "")).toContain(folded(part ?? "")));

  it("is the same when folded again", () => {
    for (const name of [...same, ...different].flat()) expect(folded(folded(name))).toBe(folded(name));
  });
});
