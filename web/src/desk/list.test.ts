import { afterEach, describe, expect, it, vi } from "vitest";
import { list, MOST_CHOSEN } from "./list.svelte";

/** A server that has so many households and answers pages as the real one does; what it was asked for. */
function serverOf(total: number): { after?: string; limit: number; statuses?: string[] }[] {
  const asked: { after?: string; limit: number; statuses?: string[] }[] = [];
  vi.stubGlobal("fetch", (_path: string, init: RequestInit) => {
    const request = JSON.parse(String(init.body)) as (typeof asked)[number];
    asked.push(request);
    const from = request.after === undefined ? 0 : Number(request.after) + 1;
    const ids = Array.from({ length: Math.min(request.limit, total - from) }, (_, i) => ({ id: String(from + i) }));
    const more = from + ids.length < total;
    return Promise.resolve(Response.json({ households: ids, more, total, reading: null }));
  });
  return asked;
}

afterEach(() => {
  vi.unstubAllGlobals();
  list.only({});
});

describe("choosing all that a filter finds", () => {
  it("takes every one, not the first page alone", async () => {
    const asked = serverOf(1072);
    list.only({ statuses: ["verified"] });
    const ids = await list.everyId();
    expect(ids).toHaveLength(1072);
    expect(new Set(ids).size).toBe(1072);
    expect(asked.map(({ limit }) => limit)).toEqual([500, 500, 500]);
    expect(asked.every(({ statuses }) => statuses?.[0] === "verified")).toBe(true);
  });

  it("stops at a bound that the page tells", async () => {
    serverOf(100_000);
    expect(await list.everyId()).toHaveLength(MOST_CHOSEN);
  });

  it("finds nothing where there is nothing", async () => {
    serverOf(0);
    expect(await list.everyId()).toEqual([]);
  });
});
