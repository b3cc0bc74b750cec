import { expect, test } from "vitest";
import { roundLength } from "./scale-bar";

test.each([
  [1, 1],
  [1.99, 1],
  [4.9, 2],
  [9_999, 5_000],
  [10_000, 10_000],
  [0.3, 0.2],
])("the longest round length up to %f metres is %f", (most, expected) => {
  expect(roundLength(most)).toBeCloseTo(expected, 9);
});

test.each([0, -5, Number.NaN, Infinity])("there is none for %f", (most) => {
  expect(roundLength(most)).toBeNull();
});
