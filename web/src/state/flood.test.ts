import { describe, expect, it } from "vitest";
import type { Layer } from "../api/types";
import { floodSeries } from "./flood";

const layer = (name: string, role: string, attribution: string, return_period?: number): Layer => ({
  name,
  role,
  title: name,
  kind: "raster",
  crs: "EPSG:32648",
  source: `${name}.tif`,
  licence: "",
  attribution,
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
  const names = (layers: Layer[]) => floodSeries(layers).map((series) => series.layers.map(({ name }) => name));

  it("orders the rasters of the same makers from frequent to rare", () => {
    const river = [layer("r100", "flood_depth", "JRC", 100), layer("r10", "flood_depth", "JRC", 10)];
    expect(names([...river, layer("other", "flood_depth", "city", 10)])).toEqual([["r10", "r100"], ["other"]]);
  });

  it("keeps rain apart from river", () => {
    const both = [10, 100].flatMap((years) => [
      layer(`river${years}`, "flood_depth", "city", years),
      layer(`rain${years}`, "flood_depth", "city", years),
    ]);
    expect(names(both)).toEqual([
      ["river10", "river100"],
      ["rain10", "rain100"],
    ]);
  });

  it("leaves out what is no flood depth at a return period", () => {
    expect(names([layer("ground", "elevation", "city"), layer("event", "flood_depth", "city")])).toEqual([]);
  });
});
