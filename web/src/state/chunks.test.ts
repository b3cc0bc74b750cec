import { describe, expect, it } from "vitest";
import { loaded } from "./chunks";

const atOnce = () => Promise.resolve();
const failing = new TypeError("Failed to fetch dynamically imported module: http://here/assets/TakeAway-x1.js");

describe("a part of the page that does not come at first", () => {
  it("is asked for again", async () => {
    let tries = 0;
    const load = () => ((tries += 1) < 3 ? Promise.reject(new Error("no network")) : Promise.resolve("there"));
    expect(await loaded(load, atOnce)).toBe("there");
    expect(tries).toBe(3);
  });

  it("is asked for under another address where the browser remembers the failure", async () => {
    const asked: string[] = [];
    const again = (address: string) => {
      asked.push(address);
      return Promise.resolve("there");
    };
    expect(await loaded(() => Promise.reject(failing), atOnce, again)).toBe("there");
    expect(asked).toEqual(["http://here/assets/TakeAway-x1.js?again=1"]);
  });

  it("fails in the end, and each wait is longer than the one before", async () => {
    const waits: number[] = [];
    const wait = (milliseconds: number) => {
      waits.push(milliseconds);
      return Promise.resolve();
    };
    await expect(
      loaded(
        () => Promise.reject(failing),
        wait,
        () => Promise.reject(failing),
      ),
    ).rejects.toBe(failing);
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(waits.length).toBeGreaterThan(1);
  });
});
