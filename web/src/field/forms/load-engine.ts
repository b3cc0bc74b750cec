/** Loading the forms engine, and saying so when it does not come up. */

/** The engine did not come up: a file of it is missing, or the page may not run it. It takes another page to try again. */
export class EngineMissing extends Error {}

/** The slowest phones take a quarter of this. */
const PATIENCE_MS = 90_000;

const ours = () => import("@getodk/xforms-engine");

/**
 * The engine waits for its WebAssembly while it is loaded, and waits for ever where that fails: all that is seen of it is a rejection
 * that nobody handles, and then nothing. Both are an end here.
 */
export function loadEngine(): ReturnType<typeof ours>;
export function loadEngine<T>(load: () => Promise<T>, page: EventTarget, patience: number): Promise<T>;
export async function loadEngine<T>(
  load: () => Promise<T> = ours as () => Promise<T>,
  page: EventTarget = globalThis as unknown as EventTarget,
  patience: number = PATIENCE_MS,
): Promise<T> {
  let over: ReturnType<typeof setTimeout> | undefined;
  let unhandled: ((event: Event) => void) | undefined;
  try {
    return await Promise.race([
      load(),
      new Promise<never>((_, fail) => {
        unhandled = (event) => {
          const { reason } = event as PromiseRejectionEvent;
          if (!isOfWasm(reason)) return;
          event.preventDefault();
          fail(reason as Error);
        };
        page.addEventListener("unhandledrejection", unhandled);
        over = setTimeout(() => fail(new Error("The engine does not come up.")), patience);
      }),
    ]);
  } catch (cause) {
    throw new EngineMissing("The forms engine did not load.", { cause });
  } finally {
    clearTimeout(over);
    if (unhandled) page.removeEventListener("unhandledrejection", unhandled);
  }
}

const isOfWasm = (reason: unknown): boolean =>
  reason instanceof WebAssembly.CompileError ||
  reason instanceof WebAssembly.LinkError ||
  reason instanceof WebAssembly.RuntimeError ||
  /wasm|WebAssembly/i.test(String(reason));
