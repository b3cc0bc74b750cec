import { describe, expect, test } from "vitest";
import { favouredBy, leadOf, reachOf } from "./lead";

describe("what parts two sites", () => {
  test("is told in points, the widest first, whichever of them it favours", () => {
    const rows = leadOf({
      ahead_by: [
        { criterion: "school", difference: 0.04 },
        { criterion: "price", difference: 0.01 },
      ],
      behind_by: [{ criterion: "flood", difference: 0.025 }],
    });
    expect(rows.map(({ criterion }) => criterion)).toEqual(["school", "flood", "price"]);
    expect(rows.map(({ points }) => points)).toEqual([4, -2.5, 1]);
  });

  test("leaves out what nobody could see", () => {
    expect(leadOf({ ahead_by: [{ criterion: "x", difference: 0.0001 }], behind_by: [] })).toEqual([]);
  });
});

test.each([
  [[0.7, -0.2], 1],
  [[1], 1],
  [[-1.1], 2],
  [[3, 4.9], 5],
  [[-7], 10],
  [[12], 20],
  [[], 0.05],
])("an axis for %j ends at %f", (points, reach) => {
  expect(reachOf(points)).toBeCloseTo(reach, 9);
});

describe("weights that put a site first", () => {
  test("are those that are higher there than elsewhere, not those that are high everywhere", () => {
    const found = favouredBy([0.5, 0.3, 0.2], [0.5, 0.2, 0.3], 3);
    expect(found).toEqual([{ n: 1, there: 0.3, usual: 0.2 }]);
  });

  test("are none where the site is first under all of them", () => {
    expect(favouredBy([0.501, 0.499], [0.5, 0.5], 3)).toEqual([]);
  });

  test("are the most telling few", () => {
    const found = favouredBy([0.2, 0.3, 0.25, 0.25], [0.25, 0.2, 0.2, 0.35], 1);
    expect(found.map(({ n }) => n)).toEqual([1]);
  });
});
