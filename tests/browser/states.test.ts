/** What a planner sees when something is missing: no layers, or no server. */
import { describe, expect, test } from "vitest";
import { comes, ownCity, planner } from "./stories.ts";

const city = ownCity();

describe("a planner whose server", () => {
  test("has no layers yet is told which command to run", async () => {
    await comes();
    await planner.findsNoLayers();
    await planner.opens();
    await planner.sees("No layers yet");
    await planner.sees(/phteah demo --data/);
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("empty");
  });

  // A server that somebody else started must not be killed.
  test.skipIf(process.env["PHTEAH_URL"])("goes away keeps the weights, and goes on when it is back", async () => {
    await comes();
    await planner.opens();
    const first = await planner.order();
    await city().kill();
    await planner.dragsWeight(2, 0.9);
    await planner.sees("The server does not answer.");
    const [weights, order] = [await planner.weights(), await planner.order()];
    expect(weights[2]).toBeGreaterThan(50);
    expect(order).not.toEqual(first);
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("server-gone");
    await city().restart();
    await planner.sees("Confirmed by the server");
    await planner.waits();
    expect(await planner.weights()).toEqual(weights);
    expect(await planner.order()).toEqual(order);
    // The server started without any ranking; what the page draws from it must be there again.
    await planner.page.locator("[role=option]").first().click();
    await planner.sees(/\d+\smin (on foot|by motorbike) to the nearest /);
    await planner.waits();
    expect(await planner.state()).toBe("idle");
  });
});
