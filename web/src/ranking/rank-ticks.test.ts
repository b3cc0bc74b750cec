import { expect, test } from "vitest";
import { rankTicks } from "./rank-ticks";

test.each([
  [1, [1]],
  [4, [1, 2]],
  [63, [1, 2, 5, 10, 20, 50]],
  [0, []],
])("an axis up to rank %i has the marks %j", (farthest, marks) => {
  expect(rankTicks(farthest)).toEqual(marks);
});
