import { describe, expect, it } from "vitest";
import { freeRoom } from "./free-room";

const box = (left: number, top: number, right: number, bottom: number) => ({ left, top, right, bottom });

describe("the free part of a map", () => {
  it("is all of it where nothing lies over it", () => {
    expect(freeRoom(box(0, 0, 800, 600), [], 1)).toEqual(box(0, 0, 800, 600));
    expect(freeRoom(box(0, 0, 800, 600), [box(900, 0, 950, 50)], 1)).toEqual(box(0, 0, 800, 600));
  });

  it("lies beside a legend where a square fits best there", () => {
    const legend = box(12, 300, 220, 588);
    expect(freeRoom(box(0, 0, 800, 600), [legend], 1)).toEqual(box(220, 0, 800, 600));
  });

  it("lies below a legend where the map is narrow", () => {
    const covers = [box(12, 12, 188, 110), box(334, 12, 378, 120), box(0, 400, 390, 800)];
    expect(freeRoom(box(0, 0, 390, 800), covers, 1.2)).toEqual(box(0, 120, 390, 400));
  });

  it("is none where all is covered", () => {
    expect(freeRoom(box(0, 0, 390, 400), [box(0, 60, 390, 400)], 1)).toBeNull();
  });
});
