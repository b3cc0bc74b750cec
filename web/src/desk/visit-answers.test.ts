import { describe, expect, it } from "vitest";
import type { Household } from "./api";
import { ageIn, given } from "./visit-answers";

const born = (...years: unknown[]) =>
  ({
    id: "m",
    facts: [{ path: "birth_year", values: years.map((value) => ({ value, said: [] })) }],
  }) as unknown as Household["members"][number];

describe("what a visit told", () => {
  it("leaves out what nobody asked, and keeps no and zero", () => {
    expect(given({ a: true, b: null, c: false, d: 0, e: "unknown" })).toEqual({
      a: true,
      c: false,
      d: 0,
      e: "unknown",
    });
  });

  it("knows an age by one year of birth alone", () => {
    expect(ageIn(born(2015), "2026-03-01")).toBe(11);
    expect(ageIn(born(2015, 2016), "2026-03-01")).toBeNull();
    expect(ageIn(born("long ago"), "2026-03-01")).toBeNull();
    expect(ageIn(born(2015), "")).toBeNull();
  });
});
