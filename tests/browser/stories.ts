/** What every file of stories begins with: a city, a browser, and a planner who leaves when the story is over. */
import { afterAll, afterEach, beforeAll, expect, inject } from "vitest";
import type { Browser } from "playwright-core";
import { launch, Planner, type screens } from "./planner.ts";
import { givenACity, givenADeployment, type Server } from "./server.ts";

export let server: Pick<Server, "url" | "program" | "data">;
export let browser: Browser;
export let planner: Planner;

/** The city that all stories share; for those that change what it keeps or stop its server, see {@link ownCity}. */
export function sharedCity(): void {
  begins(async () => {
    server = inject("city");
  });
  afterAll(() => browser?.close());
}

/** A city of this file's own. */
export function ownCity(): () => Server {
  return owns(givenACity);
}

/** A deployment of this file's own, over a data directory that `prepare` fills. */
export function ownDeployment(prepare: (data: string) => void): () => Server {
  return owns(() => givenADeployment(prepare));
}

function owns(gives: () => Promise<Server>): () => Server {
  let own: Server | undefined;
  begins(async () => {
    server = own = await gives();
  });
  afterAll(async () => {
    await browser?.close();
    await own?.stop();
  });
  return () => {
    if (!own) throw new Error("The city is not there yet.");
    return own;
  };
}

function begins(finds: () => Promise<void>): void {
  beforeAll(async () => {
    [browser] = await Promise.all([launch(), finds()]);
  });
  afterEach(async () => {
    expect(planner.foreign, "requests to foreign hosts").toEqual([]);
    await planner.leaves();
  });
}

/** A planner comes to a screen that shows nothing yet. */
export async function comes(screen: keyof typeof screens = "desktop", within = browser): Promise<Planner> {
  return (planner = await Planner.at(within, server.url, screen));
}

/** A planner comes and finds the page that the address names, done. */
export async function arrives(screen: keyof typeof screens = "desktop", hash?: string): Promise<void> {
  await comes(screen);
  await planner.opens(hash);
  expect(await planner.state()).toBe("idle");
}
