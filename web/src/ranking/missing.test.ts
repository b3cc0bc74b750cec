import { expect, it } from "vitest";
import { missing } from "./missing";

it("names what is not known of a site, the heaviest first, but for what no layer tells of anybody", () => {
  const matrix = { value: [[null], [0], [null], [null], [null]], without_layer: [false, false, false, true, false] };
  expect(missing(matrix, [0.1, 0.3, 0.4, 0.2, 0], 0)).toEqual([2, 0]);
});
