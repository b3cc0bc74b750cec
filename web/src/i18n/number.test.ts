import { describe, expect, it } from "vitest";
import { plainNumber, plainPercent } from "./number";

describe("a number", () => {
  it.each([
    [0, 0, "0"],
    [999, 0, "999"],
    [1000, 0, "1,000"],
    [1234567.891, 2, "1,234,567.89"],
    [0.5, 0, "1"],
    [2.5, 0, "3"],
    [-2.5, 0, "-3"],
    [1.005, 2, "1.01"],
    [8698.5, 0, "8,699"],
    [1.5, 3, "1.5"],
    [-0.0004, 3, "0"],
    [1e21, 0, "1,000,000,000,000,000,000,000"],
    [1e-9, 2, "0"],
    [Number.NaN, 2, "–"],
    [Number.POSITIVE_INFINITY, 2, "–"],
  ])("%d with at most %d decimals is %s", (value, most, shown) => {
    expect(plainNumber(value, most)).toBe(shown);
  });

  it("keeps the decimals that a column asks for", () => {
    expect(plainNumber(50, 1, 1)).toBe("50.0");
    expect(plainNumber(49.96, 1, 1)).toBe("50.0");
  });

  it("writes a share without a space before the sign", () => {
    expect(plainPercent(0.25)).toBe("25%");
    expect(plainPercent(0.0725, 1)).toBe("7.3%");
  });
});
