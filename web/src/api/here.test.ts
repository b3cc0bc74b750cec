import { afterEach, expect, it, vi } from "vitest";

import { askHere } from "./here";

afterEach(() => vi.unstubAllGlobals());

it("asks no farther than the server looks, however much of the city a finger covers", async () => {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (url: string) => {
    asked.push(url);
    return Promise.resolve(Response.json({ answers: [] }));
  });
  const place = { lon: 104.9, lat: 11.55, layers: [], ranking: null };
  for (const withinM of [12, 1234.5]) await askHere({ ...place, withinM }, new AbortController().signal);
  expect(asked.map((url) => new URLSearchParams(url.split("?")[1]).get("within_m"))).toEqual(["12", "500"]);
});
