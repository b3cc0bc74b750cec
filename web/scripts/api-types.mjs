/**
 * Writes src/api/generated.ts from the server's own description of its API (the golden file that the server's tests
 * keep). With --check it only compares, and fails when the two have drifted apart.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";
import { format, resolveConfig } from "prettier";

const golden = new URL("../../crates/server/tests/golden/openapi.json", import.meta.url);
const target = new URL("../src/api/generated.ts", import.meta.url);
const head = "/** Generated from the server's OpenAPI description by `npm run api-types`; do not edit. */\n";

if (!existsSync(golden)) {
  console.error("SKIPPED api-types: crates/server/tests/golden/openapi.json is not there.");
  process.exit(0);
}
// The page names its addresses itself; what must not drift apart are the shapes of requests and answers.
const { openapi, info, components } = JSON.parse(readFileSync(golden, "utf8"));
const source = head + astToString(await openapiTS({ openapi, info, components, paths: {} }));
const written = await format(source, { ...(await resolveConfig(target)), parser: "typescript" });

if (!process.argv.includes("--check")) writeFileSync(target, written);
else if (!existsSync(target) || readFileSync(target, "utf8") !== written) {
  console.error("src/api/generated.ts does not match the server's API: run `npm run api-types` and read what changed.");
  process.exit(1);
}
