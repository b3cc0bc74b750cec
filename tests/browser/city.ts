/** Makes one illustrative city for all stories that leave it as it is. */
import type { TestProject } from "vitest/node";
import { givenACity } from "./server.ts";

declare module "vitest" {
  interface ProvidedContext {
    city: { url: string; program: string; data: string | null };
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { url, program, data, stop } = await givenACity();
  project.provide("city", { url, program, data });
  return stop;
}
