import { describe, expect, it } from "vitest";
import { everything, isRefined, refined } from "./refine";

const sites = {
  sites: {
    khan: ["1201", "1202", "1201", null],
    capacity: [10, 40, 25, 40],
    area_m2: [900, 700, 800, 100],
  },
  excluded: [0, 2, 0, 1],
  lacks: (i: number) => i === 2 || i === 3,
  byName: (a: number, b: number) => b - a,
};
const rows = Uint32Array.of(2, 0, 1, 3);

describe("the list", () => {
  it("is the ranking while nothing is asked of it", () => {
    expect(refined(rows, everything, sites)).toBe(rows);
    expect(isRefined(everything)).toBe(false);
  });

  it.each([
    [{ khan: "1201" }, [2, 0]],
    [{ households: 25 }, [2, 1, 3]],
    [{ toCheck: true }, [2, 1]],
    [{ sort: "households" }, [1, 3, 2, 0]],
    [{ sort: "area" }, [0, 2, 1, 3]],
    [{ sort: "name" }, [3, 2, 1, 0]],
    [{ khan: "1202", households: 100 }, []],
  ] as const)("%o", (wish, left) => {
    expect([...refined(rows, { ...everything, ...wish }, sites)]).toEqual(left);
  });

  it("leaves the order of the ranking itself alone", () => {
    refined(rows, { ...everything, sort: "name" }, sites);
    expect([...rows]).toEqual([2, 0, 1, 3]);
  });
});
