import { expect, it } from "vitest";
import { levelOf, waterOf } from "./flood-words";

const flood = (depths: [number, number | null][]) => ({
  depths: depths.map(([return_period, mean]) => ({
    return_period,
    mean,
    max: mean,
    deeper_share: null,
    known_share: mean === null ? 0 : 1,
    lowest: mean,
    highest: mean,
  })),
  annual_depth: null,
  annual_lowest: null,
  annual_highest: null,
  limit_m: 0.3,
});

it("says depths on a body", () => {
  expect([0, 0.1, 0.4, 0.8, 1.3, 2].map(levelOf)).toEqual(["dry", "ankle", "knee", "waist", "chest", "over"]);
});

it("tells the most frequent water and the deepest, and never calls unknown dry", () => {
  expect(
    waterOf(
      flood([
        [2, 0],
        [20, 0.4],
        [100, 0.9],
      ]),
    ),
  ).toEqual([
    { years: 20, metres: 0.4, level: "knee" },
    { years: 100, metres: 0.9, level: "waist" },
  ]);
  expect(
    waterOf(
      flood([
        [2, 0],
        [100, 0],
      ]),
    ),
  ).toEqual([{ years: 100, metres: 0, level: "dry" }]);
  expect(
    waterOf(
      flood([
        [2, null],
        [100, null],
      ]),
    ),
  ).toBeNull();
  expect(waterOf(null)).toBeNull();
  // Only the rarest depth that is known is told as dry.
  expect(
    waterOf(
      flood([
        [2, 0],
        [100, null],
      ]),
    ),
  ).toEqual([{ years: 2, metres: 0, level: "dry" }]);
});
