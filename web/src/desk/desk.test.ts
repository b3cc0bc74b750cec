import { afterEach, describe, expect, it, vi } from "vitest";
import type { Setup } from "./api";
import { desk } from "./desk.svelte";

const setupOf = (account: string) => ({ account, sites: [] }) as unknown as Setup;
const answers = (status: number, body: unknown) =>
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json(body, { status })));

afterEach(() => {
  vi.unstubAllGlobals();
  desk.setup = null;
  desk.ended = false;
});

describe("a session that is over", () => {
  it("leads to signing in where nothing can have been typed", () => {
    const reload = vi.fn();
    desk.signedOut(reload);
    expect(reload).toHaveBeenCalledOnce();
    expect(desk.ended).toBe(false);
  });

  it("leaves an open page as it is, until the same person has signed in elsewhere", async () => {
    const reload = vi.fn();
    desk.setup = setupOf("a");
    desk.signedOut(reload);
    expect(desk.ended).toBe(true);
    answers(401, { error: { code: "sign_in", message: "This is for the team." } });
    await desk.comesBack(reload);
    expect(desk.ended).toBe(true);
    answers(200, setupOf("a"));
    await desk.comesBack(reload);
    expect(desk.ended).toBe(false);
    expect(reload).not.toHaveBeenCalled();
  });

  it("is not gone on with by somebody else", async () => {
    const reload = vi.fn();
    desk.setup = setupOf("a");
    desk.signedOut(reload);
    answers(200, setupOf("b"));
    await desk.comesBack(reload);
    expect(reload).toHaveBeenCalledOnce();
  });
});
