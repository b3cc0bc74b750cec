import { describe, expect, it } from "vitest";
import { begun, changed, MOST_STEPS, ONE_STEP_MS, redone, undone, type History } from "./history";

const after = (...steps: [now: number, what: string, at: number][]) =>
  steps.reduce((history, [now, what, at]) => changed(history, now, what, at), begun(0));
const far = ONE_STEP_MS + 1;

describe("the history of a draft", () => {
  it("takes steps back one by one and makes them again", () => {
    const three = after([1, "a", 0], [2, "b", 1], [3, "a", 2]);
    expect(three.past).toEqual([0, 1, 2]);
    const back = undone(undone(three));
    expect([back.past, back.now, back.future]).toEqual([[0], 1, [2, 3]]);
    const again = redone(redone(back));
    expect([again.past, again.now, again.future]).toEqual([[0, 1, 2], 3, []]);
  });

  it("has nothing before its beginning and nothing after its end", () => {
    const one = after([1, "a", 0]);
    expect(undone(undone(one)).now).toBe(0);
    expect(redone(one)).toBe(one);
  });

  it("takes the moves of one drag for one step, and two drags for two", () => {
    const drag = after([1, "weight", 0], [2, "weight", 50], [3, "weight", 100]);
    expect([drag.past, drag.now]).toEqual([[0], 3]);
    expect(changed(drag, 4, "weight", 100 + far).past).toEqual([0, 3]);
    expect(changed(drag, 4, "limit", 120).past).toEqual([0, 3]);
  });

  it("never merges into a step that was taken back or made again", () => {
    const back = undone(after([1, "weight", 0], [2, "weight", far]));
    expect(changed(back, 5, "weight", far + 1).past).toEqual([0, 1]);
    expect(changed(redone(back), 5, "weight", far + 1).past).toEqual([0, 1, 2]);
  });

  it("forgets what was taken back as soon as something else is done", () => {
    const back = undone(after([1, "a", 0], [2, "b", 1]));
    expect(changed(back, 9, "c", 2)).toMatchObject({ past: [0, 1], now: 9, future: [] });
  });

  it("is bounded, and forgets the oldest first", () => {
    let long: History<number> = begun(0);
    for (let n = 1; n <= MOST_STEPS + 5; n += 1) long = changed(long, n, `step ${n}`, n);
    expect(long.past.length).toBe(MOST_STEPS);
    expect(long.past[0]).toBe(5);
  });
});
