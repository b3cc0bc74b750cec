import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const from = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The browser tests live beside the other tests that cross crates and borrow this package's dependencies. */
export default defineConfig({
  root: from("../tests/browser"),
  resolve: {
    alias: {
      "@axe-core/playwright": from("./node_modules/@axe-core/playwright/dist/index.mjs"),
      "playwright-core": from("./node_modules/playwright-core/index.mjs"),
    },
  },
  test: {
    include: ["**/*.test.ts"],
    // Making a city and measuring its sites takes longer than most stories.
    globalSetup: ["city.ts"],
    // One server, one browser and two cores: the stories take turns.
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // A machine that is busy with something else makes a wait run out; the report names each story that needed a second try.
    retry: 1,
  },
});
