import { describe, expect, it } from "vitest";
import { EngineMissing, loadEngine } from "./load-engine";

const never = () => new Promise<string>(() => undefined);

class Rejected extends Event {
  constructor(readonly reason: unknown) {
    super("unhandledrejection", { cancelable: true });
  }
}

describe("loading the forms engine", () => {
  it("gives what was loaded", async () => {
    expect(await loadEngine(() => Promise.resolve("engine"), new EventTarget(), 1000)).toBe("engine");
  });

  it("ends when a file does not come", async () => {
    const gone = () => Promise.reject<string>(new TypeError("Failed to fetch dynamically imported module"));
    await expect(loadEngine(gone, new EventTarget(), 1000)).rejects.toBeInstanceOf(EngineMissing);
  });

  it("ends when the page may not run it, although the engine itself waits for ever", async () => {
    const page = new EventTarget();
    const loading = loadEngine(never, page, 60_000);
    const other = new Rejected(new Error("of something else"));
    page.dispatchEvent(other);
    expect(other.defaultPrevented).toBe(false);
    const refused = new Rejected(new WebAssembly.RuntimeError("Aborted(CompileError: Refused to compile)"));
    page.dispatchEvent(refused);
    await expect(loading).rejects.toBeInstanceOf(EngineMissing);
    expect(refused.defaultPrevented).toBe(true);
  });

  it("ends when nothing comes at all", async () => {
    await expect(loadEngine(never, new EventTarget(), 5)).rejects.toBeInstanceOf(EngineMissing);
  });
});
