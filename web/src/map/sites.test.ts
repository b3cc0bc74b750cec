import { createExpression } from "@maplibre/maplibre-gl-style-spec";
import { describe, expect, it, vi } from "vitest";
import { board, rank } from "../ranking/weighted";
import { positionOn, stopsOf } from "../ranking/stops";
import type { Exclusion } from "../api/types";
import { positionExpression, WEIGHTS, weightState } from "./sites";

// Fonts are files for the bundler; no text is drawn here.
vi.mock("./fonts", () => ({ bold: "bold", regular: "regular" }));

describe("the map's own arithmetic", () => {
  it("puts every site where the list puts it, with unknowns and without", () => {
    let seed = 3;
    const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    const size = 300;
    const value = [0, 1, 2, 3].map(() => Array.from({ length: size }, () => (random() < 0.1 ? null : random())));
    const excluded = Array.from({ length: size }, (): Exclusion => 0);
    const id = excluded.map((_, i) => `S${i}`);
    const functions = [{}, {}, {}, { kind: "table", values: { a: 0.2, b: 0.9 } }];
    const sites = board(
      { value, excluded, bounds: [], sites: { id } },
      functions.map((one) => ({ value: { kind: "linear", ...one } })),
    );
    const shares = [0.4, 0.3, 0.2, 0.1];
    const order = rank(sites, shares);
    const stops = stopsOf(order);
    const { unknowns } = sites;
    const made = createExpression(positionExpression({ unknowns, summing: true }), "position", null, {
      [WEIGHTS]: weightState({ stops, shares }),
    });
    if (made.result === "error") throw new Error(made.value.map(({ message }) => message).join("\n"));
    for (let i = 0; i < size; i += 1) {
      const known = value.flatMap((column, n): [string, number][] => {
        const worth = column[i] ?? null;
        return worth === null ? [] : [[`v${n}`, worth]];
      });
      const feature = { type: "Polygon" as const, properties: Object.fromEntries(known) };
      const onMap: unknown = made.value.evaluate({ zoom: 12 }, feature);
      expect(onMap).toBeCloseTo(positionOn(stops, order.score[i] ?? 0), 9);
    }
  });
});
