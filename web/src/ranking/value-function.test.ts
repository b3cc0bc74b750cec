import { describe, expect, it } from "vitest";
import type { ValueFunction } from "../api/types";
import { canLose, dragged, handlesOf, typed, withoutPoint, withPoint } from "./handles";
import { asKind, directionOf, isSound, KINDS, mirrored, NINE_TENTHS, stepOf, tidy, worth } from "./value-function";

const linear: ValueFunction = { kind: "linear", worst: 60, best: 15 };
const curve: ValueFunction = {
  kind: "piecewise",
  points: [
    [10, 1],
    [30, 0.6],
    [75, 0],
  ],
};
const trapezoid: ValueFunction = { kind: "trapezoid", a: 0, b: 10, c: 10, d: 20 };
const steps: ValueFunction = {
  kind: "step",
  below: 1,
  steps: [
    [5, 0.5],
    [9, 0],
  ],
};
const logistic: ValueFunction = { kind: "logistic", midpoint: 30, slope: -0.1 };

describe("what a raw number is worth", () => {
  it("runs straight between worst and best, and stays flat beyond", () => {
    expect([10, 15, 37.5, 60, 90].map((raw) => worth(linear, raw))).toEqual([1, 1, 0.5, 0, 0]);
  });

  it("follows a curve's points", () => {
    expect([0, 10, 20, 30, 75, 200].map((raw) => worth(curve, raw))).toEqual([1, 1, 0.8, 0.6, 0, 0]);
  });

  it("keeps the upper end of a sheer side on the plateau", () => {
    expect([-1, 0, 5, 10, 15, 20].map((raw) => worth(trapezoid, raw))).toEqual([0, 0, 0.5, 1, 0.5, 0]);
    expect(worth({ kind: "trapezoid", a: 5, b: 5, c: 8, d: 8 }, 5)).toBe(1);
    expect(worth({ kind: "trapezoid", a: 5, b: 5, c: 8, d: 8 }, 8)).toBe(1);
  });

  it("takes a step's worth on the step", () => {
    expect([4.999, 5, 8, 9, 100].map((raw) => worth(steps, raw))).toEqual([1, 0.5, 0.5, 0, 0]);
  });

  it("never overflows on an S-curve", () => {
    expect(worth(logistic, 30)).toBe(0.5);
    expect(worth(logistic, 1e9)).toBe(0);
    expect(worth(logistic, -1e9)).toBe(1);
    expect(worth(logistic, 30 - NINE_TENTHS / 0.1)).toBeCloseTo(0.9, 12);
  });

  it("knows nothing while a figure is missing, and nothing of categories", () => {
    expect(worth({ kind: "linear", worst: Number.NaN, best: 1 }, 0)).toBeNull();
    expect(worth({ kind: "table", values: { a: 1 } }, 0)).toBeNull();
  });
});

describe("a value function that was edited", () => {
  it("is sound only as the server would have it", () => {
    for (const sound of [linear, curve, trapezoid, steps, logistic]) expect(isSound(sound)).toBe(true);
    expect(isSound({ kind: "linear", worst: 5, best: 5 })).toBe(false);
    expect(isSound(typed(curve, "points.1", 5, 0.6))).toBe(false);
    expect(isSound(typed(curve, "points.1", 30, 1.2))).toBe(false);
    expect(isSound(typed(curve, "points.1", Number.NaN, 0.6))).toBe(false);
    expect(isSound({ ...trapezoid, b: 12 })).toBe(false);
    expect(isSound({ kind: "table", values: { a: 2 } })).toBe(false);
  });

  it("can be dragged anywhere and stays sound", () => {
    for (const value of [linear, curve, trapezoid, steps, logistic]) {
      for (const { key } of handlesOf(value)) {
        for (const raw of [-50, 9, 15, 30, 60, 500]) {
          for (const its of [-1, 0.333, 2]) {
            const next = dragged(value, key, raw, its, 100);
            expect(isSound(next), `${value.kind} ${key} to ${raw}, ${its}`).toBe(true);
          }
        }
      }
    }
  });

  it("turns round when its worst passes its best", () => {
    expect(directionOf(linear)).toBe("min");
    expect(directionOf(dragged(linear, "worst", 5, 0, 100))).toBe("max");
  });

  it("reads the other way round in the mirror, and back", () => {
    for (const value of [linear, curve, steps, logistic]) {
      expect(directionOf(mirrored(value))).not.toBe(directionOf(value));
      expect(mirrored(mirrored(value))).toEqual(value);
    }
  });

  it("keeps its way and its ends in another shape", () => {
    for (const value of [linear, curve, logistic]) {
      for (const kind of KINDS) {
        const next = asKind(value, kind, [0, 100], "min");
        expect(isSound(next), `${value.kind} as ${kind}`).toBe(true);
        if (kind !== "trapezoid") expect(directionOf(next), `${value.kind} as ${kind}`).toBe("min");
      }
    }
    expect(asKind(linear, "piecewise", [0, 100], "min").points).toEqual([
      [15, 1],
      [37.5, 0.5],
      [60, 0],
    ]);
  });

  it("gains a point in its widest gap and loses none that it needs", () => {
    const more = withPoint(curve, [0, 100]);
    expect(more.points?.map(([raw]) => raw)).toEqual([10, 30, 52.5, 75]);
    expect(isSound(more)).toBe(true);
    expect(isSound(withPoint(steps, [0, 100]))).toBe(true);
    const two = withoutPoint(curve, "points.1");
    expect(two.points).toHaveLength(2);
    expect(canLose(two)).toBe(false);
    expect(withoutPoint(two, "points.0")).toEqual(two);
  });

  it("moves in round steps", () => {
    expect(stepOf(60)).toBe(1);
    expect(stepOf(0.5)).toBeCloseTo(0.005);
    expect(tidy(0.30000000000000004, 1)).toBe(0.3);
  });
});
