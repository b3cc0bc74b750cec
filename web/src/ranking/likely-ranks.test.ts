import { expect, test } from "vitest";
import { likelyRanks } from "./likely-ranks";

test("a site that is always second is second", () => {
  expect(likelyRanks([0, 1, 0])).toEqual({ best: 2, worst: 2 });
});

test("one weighting in twenty at either end is left out", () => {
  expect(likelyRanks([0.04, 0.46, 0.46, 0.04])).toEqual({ best: 2, worst: 3 });
  expect(likelyRanks([0.06, 0.44, 0.44, 0.06])).toEqual({ best: 1, worst: 4 });
});

test("what lies beyond the counted ranks is not told as a rank", () => {
  expect(likelyRanks([0.2, 0.2])).toEqual({ best: 1, worst: null });
  expect(likelyRanks([0, 0.01])).toBeNull();
  expect(likelyRanks([])).toBeNull();
});

test("another share may be kept", () => {
  expect(likelyRanks([0.3, 0.4, 0.3], 0.3)).toEqual({ best: 2, worst: 2 });
  expect(likelyRanks([0.3, 0.4, 0.3], 1)).toEqual({ best: 1, worst: 3 });
});
