import { describe, expect, it } from "vitest";
import { Tabs, type Channel } from "./tabs";

/** The browser: what one page says all others hear, later. */
class Air {
  #all: (Channel & { heard: (message: unknown) => void })[] = [];

  channel(): Channel {
    const own: Channel & { heard: (message: unknown) => void } = {
      onmessage: null,
      postMessage: (message) => {
        for (const other of this.#all) if (other !== own) queueMicrotask(() => other.heard(message));
      },
      heard: (message) => own.onmessage?.({ data: message } as MessageEvent),
    };
    this.#all.push(own);
    return own;
  }
}

function memory(kept: Record<string, string> = {}) {
  return {
    kept,
    getItem: (key: string) => kept[key] ?? null,
    setItem: (key: string, value: string) => void (kept[key] = value),
  };
}

const AT_ONCE = 1;

describe("the tabs of a browser", () => {
  it("know of each other, and of who has gone", async () => {
    const air = new Air();
    const one = new Tabs(air.channel(), memory(), AT_ONCE);
    const other = new Tabs(air.channel(), memory(), AT_ONCE);
    await other.known;
    expect(one.id).not.toBe(other.id);
    expect([one.isOpen(other.id), other.isOpen(one.id)]).toEqual([true, true]);
    other.leave();
    await one.known;
    expect(one.isOpen(other.id)).toBe(false);
  });

  it("keep their ids when they are loaded again", async () => {
    const air = new Air();
    const kept = memory();
    const before = new Tabs(air.channel(), kept, AT_ONCE);
    const alone = new Tabs(new Air().channel(), kept, AT_ONCE);
    await alone.known;
    expect(alone.id).toBe(before.id);
  });

  it("have ids of their own when one is the copy of another", async () => {
    const air = new Air();
    const first = new Tabs(air.channel(), memory(), AT_ONCE);
    const copied = memory({ "phteah.tab": first.id });
    const copy = new Tabs(air.channel(), copied, AT_ONCE);
    await copy.known;
    expect(copy.id).not.toBe(first.id);
    expect(copied.kept["phteah.tab"]).toBe(copy.id);
    expect([copy.isOpen(first.id), first.isOpen(copy.id)]).toEqual([true, true]);
  });

  it("hear of each other's drafts", async () => {
    const air = new Air();
    const one = new Tabs(air.channel(), memory(), AT_ONCE);
    const other = new Tabs(air.channel(), memory(), AT_ONCE);
    const heard: (string | null)[] = [];
    one.onchange = (of) => heard.push(of);
    other.wrote("a scenario");
    await other.known;
    expect(heard).toContain("a scenario");
  });

  it("believe to be alone where the browser tells them nothing", async () => {
    const alone = new Tabs(null, null);
    await alone.known;
    expect(alone.isOpen(alone.id)).toBe(false);
  });
});
