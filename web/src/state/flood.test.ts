import { describe, expect, it } from "vitest";
import type { Layer } from "../api/types";
import { floodSeries } from "./flood";

const layer = (name: string, role: string, source: string, return_period?: number): Layer => ({
  name,
  role,
  title: name,
  kind: "raster",
  crs: "EPSG:32648",
  source,
  licence: "",
  attribution: "",
  hash: "",
  imported_at: "",
  illustrative: true,
  bounds: [0, 0, 1, 1],
  min_zoom: 0,
  max_zoom: 14,
  fields: [],
  ...(return_period === undefined ? {} : { return_period }),
});

describe("flood series", () => {
  it("orders the rasters of one source from frequent to rare and keeps sources apart", () => {
    const series = floodSeries([
      layer("r100", "flood_depth", "river", 100),
      layer("rain", "flood_depth", "rain", 10),
      layer("r10", "flood_depth", "river", 10),
      layer("ground", "elevation", "river"),
      layer("event", "flood_depth", "river"),
    ]);
    expect(series.map(({ layers }) => layers.map(({ name }) => name))).toEqual([["r10", "r100"], ["rain"]]);
  });
});
