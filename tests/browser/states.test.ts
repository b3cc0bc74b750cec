/** What a planner sees when something is missing: no layers, or no server. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Browser } from "playwright-core";
import { launch, Planner } from "./planner.ts";
import { givenACity, type Server } from "./server.ts";

let browser: Browser;
let server: Server;
let planner: Planner;

beforeAll(async () => {
  [server, browser] = await Promise.all([givenACity(), launch()]);
});

afterEach(async () => {
  expect(planner.foreign, "requests to foreign hosts").toEqual([]);
  await planner.leaves();
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

describe("a planner whose server", () => {
  test("has no layers yet is told which command to run", async () => {
    planner = await Planner.at(browser, server.url);
    await planner.findsNoLayers();
    await planner.opens();
    await planner.sees("No layers yet");
    await planner.sees(/phteah demo --data/);
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("empty");
  });

  // A server that somebody else started must not be killed.
  test.skipIf(process.env["PHTEAH_URL"])("goes away keeps the weights, and goes on when it is back", async () => {
    planner = await Planner.at(browser, server.url);
    await planner.opens();
    const first = await planner.order();
    await server.kill();
    await planner.dragsWeight(2, 0.9);
    await planner.sees("The server does not answer.");
    const [weights, order] = [await planner.weights(), await planner.order()];
    expect(weights[2]).toBeGreaterThan(50);
    expect(order).not.toEqual(first);
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("server-gone");
    await server.restart();
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
