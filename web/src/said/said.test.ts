import { describe, expect, it } from "vitest";
import golden from "../../../crates/server/tests/golden/openapi.json";
import { formats } from "../i18n/format";
import { km } from "../i18n/km";
import { credits } from "./credits-km";
import { refusalIn, refusals, saidIn, sentences } from "./said";
import type { Said } from "./words";

interface Property {
  type?: string | string[];
  properties?: Record<string, Property>;
  items?: Property;
}

/** Every sentence that the server can say, as its API describes it. */
const all = golden.components.schemas.Said.oneOf as unknown as {
  properties: { code: { enum: [string] }; values: Property };
}[];

/** A value that is found again in a sentence. */
function sample({ type, properties, items }: Property): unknown {
  if (properties) return { en: "in English", km: "ជាខ្មែរ" };
  if (items) return ["❶", "❷"];
  return type === "string" ? "❸" : 0.25;
}

describe("what the server says", () => {
  const f = formats(km);

  it("is worded in Khmer, every sentence of it, with all that stands in it", () => {
    expect(all.length).toBeGreaterThan(90);
    for (const { properties } of all) {
      const [code] = properties.code.enum;
      const given = Object.entries(properties.values.properties ?? {});
      const values = Object.fromEntries(given.map(([name, kind]) => [name, sample(kind)]));
      const words = saidIn("km", f, { message: "in English", said: { code, values } as unknown as Said });
      expect(words, code).toMatch(/\p{Script=Khmer}/u);
      expect(words, code).not.toMatch(/in English|undefined|NaN|\[object/);
      // What is missing of a closed set needs no name for it: the set is listed.
      for (const [name, kind] of given.filter(([name]) => name !== "what")) {
        const marks = kind.properties ? "ជាខ្មែរ" : kind.items ? "❶" : kind.type === "string" ? "❸" : /0\.25|25/;
        expect(words, `${code}.${name}`).toMatch(marks);
      }
    }
  });

  it("is known by the codes of its API, no more and no less", () => {
    expect(Object.keys(sentences).sort()).toEqual(all.map(({ properties }) => properties.code.enum[0]).sort());
    const codes = golden.components.schemas.ErrorContent.properties.code.enum;
    expect(Object.keys(refusals).sort()).toEqual([...codes, "unexpected_answer", "page_error"].sort());
    for (const code of codes) expect(refusalIn("km", f, { code, message: "?" }), code).toMatch(/\p{Script=Khmer}/u);
  });

  it("calls layers by what they are for, as the page does", () => {
    const said = { code: "layers_unused", values: { layers: ["flood_zones", "my_layer"] } } as Said;
    expect(saidIn("km", f, { message: "?", said })).toContain(`${km.roles.flood_zones}, my_layer`);
  });

  it("says in Khmer why there is no ranking, with nothing in English behind it", () => {
    const plain = refusalIn("km", f, { code: "cannot_rank", message: "in English", details: [] });
    expect(plain).not.toMatch(/[A-Za-z(]/);
    const said = { code: "nothing_ranked", values: {} } as Said;
    const details = [{ field: "", message: "in English", said }];
    const more = refusalIn("km", f, { code: "cannot_rank", message: "in English", details });
    expect(more).toBe(`${plain} ${sentences.nothing_ranked({}, {} as never)}`);
    expect(more).not.toMatch(/[A-Za-z(]/);
  });

  it("names whoever has a name in Khmer by it, and only those whom a preset names", () => {
    const presets = import.meta.glob<string>("../../../geodata/sources/*.toml", {
      query: "?raw",
      import: "default",
      eager: true,
    });
    const named = Object.values(presets).map((text) => /^attribution = "(.*)"$/m.exec(text)?.[1]);
    expect(named.length).toBeGreaterThan(5);
    for (const credit of Object.keys(credits)) expect(named).toContain(credit);
  });

  it("stays English in English, and where a newer server says what this page does not know", () => {
    const said = { code: "negative", values: {} } as Said;
    expect(saidIn("en", f, { message: "must not be negative", said })).toBe("must not be negative");
    expect(saidIn("km", f, { message: "new", said: { ...said, code: "new" } as unknown as Said })).toBe("new");
  });
});
