import { expect, it } from "vitest";
import { hashOf, readRoute } from "./route.svelte";

it("reads every place of the desk, and begins with today", () => {
  const id = "5b0f2d0e-1111-4222-8333-abcdefabcdef";
  for (const hash of ["#/today", "#/households", "#/outcomes", "#/releases", "#/release/7", `#/household/${id}`]) {
    expect(hashOf(readRoute(hash))).toBe(hash);
  }
  expect(readRoute("")).toEqual({ part: "today" });
  expect(readRoute("#/nowhere")).toEqual({ part: "today" });
  expect(readRoute("#/release/x")).toEqual({ part: "today" });
  // Only an id stands in an address.
  expect(readRoute("#/household/Sok%20Dara")).toEqual({ part: "today" });
});
