import { describe, expect, it } from "vitest";

/** All components and texts, without their styles, comments and tests. */
const sources = Object.entries(
  import.meta.glob<string>(["../**/*.svelte", "../**/*.ts", "!../**/*.test.ts", "!../api/generated.ts"], {
    query: "?raw",
    import: "default",
    eager: true,
  }),
).map(([path, text]) => ({
  path,
  text: text
    .replace(/<style>[\s\S]*<\/style>/, "")
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/^\s*\/\/.*$/gm, ""),
}));

const found = (pattern: RegExp, but: readonly string[] = []) =>
  sources
    .filter(({ path }) => !but.includes(path))
    .flatMap(({ path, text }) => [...text.matchAll(pattern)].map(([match]) => `${path}: ${match}`));

describe("what the pages write", () => {
  it("is looked at", () => expect(sources.length).toBeGreaterThan(200));

  it("has per cent from one home, and no space before the sign", () => {
    expect(found(/\d[ \u00a0]%(?! ?[\w(])/g)).toEqual([]);
    // In styles of elements a share is a length.
    const shares = /(?<!style:[^>\n]*|style="[^"\n]*)\} ?%(?=[<"`])/g;
    expect(found(shares, ["./number.ts", "../components/FloodLegend.svelte"])).toEqual([]);
  });
});
