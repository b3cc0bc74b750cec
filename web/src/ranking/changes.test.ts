import { describe, expect, it } from "vitest";
import { changesBetween } from "./changes";

const sites = (...id: string[]) => ({ sites: { id } });

describe("two orders of the sites", () => {
  // Now: a 1, b 2, c excluded, d 3, e 4 (new here).
  const here = sites("a", "b", "c", "d", "e");
  const order = { rank: Uint32Array.from([1, 2, 0, 3, 4]) };
  // Then, in other rows: d 1, b 2, a 3, c 4; f is not on the screen any more.
  const other = { ...sites("d", "b", "a", "c", "f"), rank: [1, 2, 3, 4, null] };
  const changes = changesBetween(here, order, other);

  it("say who gained and who lost, by how much", () => {
    expect(changes.gained).toEqual([{ i: 0, then: 3, now: 1, gained: 2 }]);
    expect(changes.lost).toEqual([{ i: 3, then: 1, now: 3, gained: -2 }]);
    expect(changes.unmoved).toBe(1);
  });

  it("keep those that fell out apart from those that lost", () => {
    expect(changes.newlyOut).toEqual([{ i: 2, then: 4, now: 0, gained: 0 }]);
    expect(changes.newlyIn).toEqual([]);
    const back = changesBetween(sites("c"), { rank: Uint32Array.from([9]) }, { ...sites("c"), rank: [null] });
    expect(back.newlyIn).toEqual([{ i: 0, then: 0, now: 9, gained: 0 }]);
  });

  it("do not compare a site with one that is not there", () => {
    expect(changes.thenOf).toEqual([3, 2, 4, 1, null]);
    expect(changes.bestKept).toBe(3);
  });

  it("put the largest step first, and of equal ones the better rank", () => {
    const many = changesBetween(
      sites("a", "b", "c"),
      { rank: Uint32Array.from([5, 2, 9]) },
      { ...sites("a", "b", "c"), rank: [8, 5, 30] },
    );
    expect(many.gained.map(({ i }) => i)).toEqual([2, 1, 0]);
  });

  it("name the sites that came into the best ten and those that left them, by rank", () => {
    const ids = ["a", "b", "c", "d"];
    const ten = changesBetween(
      sites(...ids),
      { rank: Uint32Array.from([11, 2, 10, 0]) },
      { ...sites(...ids), rank: [10, 11, 2, 3] },
    );
    expect(ten.cameIn.map(({ i }) => i)).toEqual([1]);
    expect(ten.wentOut.map(({ i }) => i)).toEqual([3, 0]);
    expect(ten.bestKept).toBe(1);
  });
});
