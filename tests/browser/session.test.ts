/** A planner of a deployment that asks for a key: comes in, is signed out by time or by choice, and comes back to the work. */
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { comes, ownDeployment, planner, server } from "./stories.ts";
import { runs } from "./server.ts";

// A layer that is not for everybody: the map asks who is there.
ownDeployment((data) => {
  runs(["demo", "--data", data, "--parcels", process.env["PHTEAH_PARCELS"] ?? "6000", "--households", "0"]);
  runs(["publish", "settlements", "internal", "--data", data]);
});

let known: string | null = null;

/** The key of the team, as an administrator makes it, once. */
function key(): string {
  return (known ??= newKey());
}

function newKey(): string {
  const words = ["key", "add", "Planners", "--team", "--data", server.data ?? ""];
  const made = spawnSync(server.program, words, { encoding: "utf8" });
  const [found] = /phteah_\S+/.exec(made.stdout + made.stderr) ?? [];
  if (found === undefined) throw new Error(`No key was made:\n${made.stdout}${made.stderr}`);
  return found;
}

/** The form for a key of the team unfolds below the one for names. */
async function givesKey(given: string): Promise<void> {
  const { page } = planner;
  const folded = page.locator("details:not([open]) > summary");
  await page.locator("input[name=key]").waitFor({ state: "attached" });
  if ((await folded.count()) > 0) await folded.click();
  await page.locator("input[name=key]").fill(given);
  await page.locator("form:has(input[name=key]) button").click();
}

async function signsIn(): Promise<void> {
  await givesKey(key());
  await planner.arrivesAtMap();
}

describe("a planner of a team", () => {
  test("is signed out in the middle of work, signs in and finds it where it was", async () => {
    await comes();
    const { page } = planner;
    await planner.finds("/#lang=en");
    await givesKey("phteah_wrong");
    await planner.sees("This key is not valid, or has been revoked.");
    await signsIn();
    await planner.dragsWeight(2, 0.6);
    await planner.waits();
    await page.locator("[role=option]").nth(1).click();
    await planner.sees("Why this score");
    await planner.waits();
    await page.waitForFunction(() => location.hash.includes("site="));
    const site = await page.evaluate(() => new URLSearchParams(location.hash.slice(1)).get("site"));
    // The time of the session is over; whatever is asked for next leads to the sign-in page, at this address.
    await page.context().clearCookies();
    await planner.dragsWeight(0, 0.1);
    await page.locator("input[name=key]").waitFor({ state: "attached" });
    expect(await page.evaluate(() => location.hash)).toContain(`site=${site}`);
    // The open card stands in the place of the list, which is there for a moment at most.
    await givesKey(key());
    await planner.sees("Why this score");
    await planner.waits();
    expect(await page.evaluate(() => location.hash)).toContain(`site=${site}`);
    await planner.sees("Your changes from last time are still here.");
    expect((await planner.weights())[2]).toBeGreaterThan(50);
  });

  test("signs out by the button, on a phone", async () => {
    await comes("phone");
    const { page } = planner;
    await planner.finds("/#lang=en");
    await signsIn();
    expect(await planner.barriers()).toEqual([]);
    expect(await planner.smallTargets()).toEqual([]);
    await planner.keepsPicture("phone-signed-in");
    await page.getByRole("button", { name: "Sign out" }).tap();
    await page.locator("input[name=key]").waitFor({ state: "attached" });
    await planner.finds("/#lang=en");
    await page.locator("input[name=key]").waitFor({ state: "attached" });
  });
});
