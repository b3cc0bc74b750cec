import { describe, expect, it } from "vitest";
import { LARGEST_FILE, readPlots } from "./plot-files";

const noXml = () => {
  throw new Error("no XML here");
};
const square = [
  [104.86, 11.56],
  [104.861, 11.56],
  [104.861, 11.561],
  [104.86, 11.561],
  [104.86, 11.56],
];
const feature = (geometry: unknown, properties: unknown = null) => ({ type: "Feature", properties, geometry });
const read = (json: unknown, name = "plots.geojson") => readPlots(name, JSON.stringify(json), noXml);

describe("a file dropped onto the map", () => {
  it("gives the polygons of a GeoJSON file with their names, holes and parts", () => {
    const { outlines, left } = read({
      type: "FeatureCollection",
      features: [
        feature(
          { type: "Polygon", coordinates: [square, square.map(([x = 0, y = 0]) => [x, y, 12])] },
          { name: "ដីស្រែ" },
        ),
        feature({ type: "MultiPolygon", coordinates: [[square], [square]] }, { Name: "Two" }),
      ],
    });
    expect(left.size).toBe(0);
    expect(outlines.map(({ name, rings }) => [name, rings.length])).toEqual([
      ["ដីស្រែ", 2],
      ["Two 1", 1],
      ["Two 2", 1],
    ]);
    // The corner that closes a ring is left out.
    expect(outlines[0]?.rings[0]).toEqual(square.slice(0, 4));
  });

  it("takes a walk around a field for its outline", () => {
    expect(read({ type: "LineString", coordinates: square }).outlines).toHaveLength(1);
  });

  it("says of each thing why it is left out, and keeps the rest", () => {
    const { outlines, left } = read({
      type: "GeometryCollection",
      geometries: [
        { type: "Point", coordinates: [104, 11] },
        { type: "Polygon", coordinates: [square.slice(0, 2)] },
        { type: "Polygon", coordinates: [square.map(() => [491_000, 1_278_000])] },
        { type: "Polygon", coordinates: "far" },
        {
          type: "Polygon",
          coordinates: [Array.from({ length: 2001 }, (_, n) => [104 + n * 1e-5, 11 + (n % 2) * 1e-5])],
        },
        { type: "Polygon", coordinates: [square] },
      ],
    });
    expect(outlines).toHaveLength(1);
    expect(Object.fromEntries(left)).toEqual({ nothing: 1, too_few: 1, not_degrees: 1, unreadable: 1, too_many: 1 });
  });

  it("refuses what is no file of plots without breaking", () => {
    const why = (name: string, text: string) => [...readPlots(name, text, noXml).left.keys()];
    expect(why("a.geojson", "{")).toEqual(["unreadable"]);
    expect(why("a.json", "null")).toEqual(["unreadable"]);
    expect(why("a.geojson", '{"type":"FeatureCollection"}')).toEqual(["unreadable"]);
    expect(why("a.geojson", '{"type":"FeatureCollection","features":[]}')).toEqual(["nothing"]);
    expect(why("a.geojson", "1".repeat(LARGEST_FILE + 1))).toEqual(["too_large"]);
    expect(why("a.kmz", "PK")).toEqual(["zipped"]);
    expect(why("a.shp", "")).toEqual(["unknown"]);
    const deep = (n: number): unknown => (n === 0 ? null : { type: "GeometryCollection", geometries: [deep(n - 1)] });
    expect(why("a.geojson", JSON.stringify(deep(500)))).toEqual(["unreadable"]);
  });
});
