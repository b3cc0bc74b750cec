import { describe, expect, test } from "vitest";
import { pinPlaces, type Spot } from "./pin-places";

const [WIDTH, HEIGHT, RADIUS] = [184, 90, 2.4];
const away = (a: Spot, b: Spot) => Math.hypot(a.x - b.x, a.y - b.y);

function places(anchors: Spot[]): Spot[] {
  const placed = pinPlaces(anchors, RADIUS, WIDTH, HEIGHT);
  expect(placed).toHaveLength(anchors.length);
  placed.forEach((spot, n) => {
    expect(spot.x).toBeGreaterThanOrEqual(RADIUS);
    expect(spot.x).toBeLessThanOrEqual(WIDTH - RADIUS);
    expect(spot.y).toBeGreaterThanOrEqual(RADIUS);
    expect(spot.y).toBeLessThanOrEqual(HEIGHT - RADIUS);
    for (const other of placed.slice(0, n)) expect(away(spot, other)).toBeGreaterThanOrEqual(2 * RADIUS - 1e-9);
  });
  return placed;
}

describe("numbers on a printed map", () => {
  test("stand on places that lie apart", () => {
    const anchors = [
      { x: 20, y: 20 },
      { x: 90, y: 45 },
      { x: 150, y: 70 },
    ];
    expect(places(anchors)).toEqual(anchors);
  });

  test("stand side by side where many places are one", () => {
    const middle = { x: 92, y: 45 };
    const placed = places(Array.from({ length: 40 }, () => middle));
    expect(placed[0]).toEqual(middle);
    // Forty discs fill a circle of some six and a half radii; none strays far from it.
    for (const spot of placed) expect(away(spot, middle)).toBeLessThan(12 * RADIUS);
  });

  test("stay on the paper in its corners", () => {
    places(Array.from({ length: 12 }, () => ({ x: 0, y: HEIGHT })));
    places([{ x: -500, y: 4000 }]);
  });

  test("are the same each time", () => {
    const anchors = Array.from({ length: 25 }, (_, n) => ({ x: 60 + (n % 5) * 1.7, y: 40 + Math.floor(n / 5) * 1.3 }));
    expect(places(anchors)).toEqual(places(anchors));
  });

  test("are none where there are no places", () => {
    expect(pinPlaces([], RADIUS, WIDTH, HEIGHT)).toEqual([]);
  });
});
