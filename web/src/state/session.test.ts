import { describe, expect, it } from "vitest";
import { Session } from "./session.svelte";

function around(now: () => number, kept = Promise.resolve()) {
  const said: string[] = [];
  const items: Record<string, string> = {};
  const session = () =>
    new Session({
      kept: () => kept.then(() => void said.push("kept")),
      loadAgain: () => said.push("loaded again"),
      memory: { getItem: (key) => items[key] ?? null, setItem: (key, value) => void (items[key] = value) },
      now,
    });
  return { said, session };
}

describe("a session that is over", () => {
  it("leads to the sign-in page once, after everything is kept", async () => {
    const { said, session } = around(() => 1e12);
    const page = session();
    await Promise.all([page.ended(), page.ended()]);
    expect([said, page.over]).toEqual([["kept", "loaded again"], false]);
  });

  it("is told of where the sign-in page does not come, and does not lead in a circle", async () => {
    let now = 1e12;
    const { said, session } = around(() => now);
    await session().ended();
    now += 500;
    const again = session();
    await again.ended();
    expect([said.length, again.over]).toEqual([2, true]);
    now += 60_000;
    const later = session();
    await later.ended();
    expect(later.over).toBe(false);
  });
});
