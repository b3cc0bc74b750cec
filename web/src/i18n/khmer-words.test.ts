import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

/**
 * Spellings and words that the glossary (docs/khmer.md) rules out, and what stands instead. None of the team reads Khmer,
 * and some of these differ by a sign that no font shows: only a check sees them.
 */
const RULED_OUT: readonly (readonly [RegExp, string])[] = [
  [/អនុប្រយោគ/, "អនុបយោគ (reclassification; the other is a subordinate clause)"],
  [/ឡូតិ៍/, "ដីឡូត៍ (plot)"],
  [/ស្ទង់មតិ/, "អង្កេត (survey; the other is an opinion poll)"],
  [/ដែលត្រូវផ្លាស់ទីលំនៅ/, "ដែលអាចនឹងផ្លាស់ទីលំនៅ (who would move; the other: who must)"],
  [/មិនទាន់ដឹងកម្មសិទ្ធិ|របបកាន់កាប់ដី|សិទ្ធិដី|ការកាន់កាប់ដី(?!ធ្លី)/, "ការកាន់កាប់ដីធ្លី (tenure)"],
  [/ពីជីវភាពសព្វថ្ងៃ|រំខានជីវិត/, "ចម្ងាយពីកន្លែងរស់នៅសព្វថ្ងៃ (distance from today's home)"],
  [/កាត់ផ្លូវ/, "ផ្លូវដាច់ (road cut; the other: to cross a road)"],
  [/ទាន់សម័យ/, "បច្ចុប្បន្នភាព (up to date; the other: modern)"],
  [/ដីការពារ/, "តំបន់ការពារ (protected area)"],
  [/ខ្ពស់ខ្លាំង/, "ខ្ពស់ណាស់ (very high)"],
  [/ផ្ទុកបាន|ចំណុះ/, "អាចរស់នៅបាន (capacity in households)"],
  [/ផលបូកថ្លឹងទម្ងន់/, "ផលបូកតាមទម្ងន់ (weighted sum)"],
  [/កំណត់ត្រានៃសេចក្តីសម្រេច|កំណត់ត្រាសម្រេច|កំណត់ត្រានៃការសម្រេច(?!ចិត្ត)/, "កំណត់ត្រានៃការសម្រេចចិត្ត (decision record)"],
  [/ចាត់ថ្នាក់|រៀបចំណាត់ថ្នាក់/, "ដាក់ចំណាត់ថ្នាក់ (to rank)"],
  [/តំបន់ទឹកជំនន់/, "តំបន់លិចទឹក (flood zone)"],
  [/ការទទួលស្គាល់/, "ការបញ្ជាក់ប្រភព (attribution)"],
  [/ម\u17d2\u178fង/, "ម្ដង, with subscript DA"],
  [/ប\u17d2\u178fូរ/, "ប្ដូរ, with subscript DA"],
  [/កណ\u17d2\u178fាល/, "កណ្ដាល, with subscript DA"],
  [/ផ\u17d2\u178fល់/, "ផ្ដល់, with subscript DA"],
  [/ចាប់ផ\u17d2\u178fើម/, "ចាប់ផ្ដើម, with subscript DA"],
  [/(ទិន្នន័យ|ទីក្រុង)គំរូ/, "ឧទាហរណ៍ (illustrative; the other: exemplary)"],
  [/ភាពស៊ីគ្នា/, "ភាពស៊ីសង្វាក់គ្នា (consistency)"],
  [/អាក្រក់/, "អន់, ទាប (worst, low; the other: evil)"],
  [/ប៉ុនណា/, "ប៉ុណ្ណា (how much)"],
  [/ឈ្មោះអ្នកប្រើ(?!ប្រាស់)/, "ឈ្មោះអ្នកប្រើប្រាស់ (user name)"],
  [/[\u1780-\u17ff] %|\d %(?=.*[\u1780-\u17ff])/, "no space before %"],
  [/[“”]/, "« » (quotation marks)"],
  [/\u200b/, "no zero-width space in a source text"],
  [/ពត៌មាន|ទូរស័ព្ទ|សំនួរ|បញ្ចូន|មណ្ឌលថែទាំ|អនាធិបតេយ្យ/, "the spelling of the glossary"],
];

/** Where people's words stand: not what files of others are read by, which spell as they like. */
const ROOTS = [
  "web/src/i18n",
  "web/src/field",
  "web/src/said",
  "crates/planning/src",
  "crates/server/src",
  "geodata/facts.json",
  "geodata/forms",
  "geodata/indicators",
  "geodata/scenarios",
];

const root = join(import.meta.dirname, "../../..");

function files(folder: string): string[] {
  if (/\.json$/.test(folder)) return [folder];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(
      (entry) =>
        entry.isFile() && /\.(ts|rs|toml|csv)$/.test(entry.name) && !/test/.test(join(entry.parentPath, entry.name)),
    )
    .map((entry) => join(entry.parentPath, entry.name));
}

describe("Khmer words", () => {
  const lines = ROOTS.flatMap((folder) => files(join(root, folder))).flatMap((file) =>
    readFileSync(file, "utf8")
      .split("\n")
      .map((text, at) => ({ where: `${file.slice(root.length + 1)}:${at + 1}`, text }))
      .filter(({ text }) => /[\u1780-\u17ff]/.test(text)),
  );

  it("are looked at at all", () => {
    expect(lines.length).toBeGreaterThan(500);
  });

  it.each(RULED_OUT)("%s is written otherwise: %s", (wrong) => {
    // English on the same line keeps its own quotation marks.
    const khmerPart = (text: string) =>
      String(wrong) === "/[“”]/" ? (text.match(/[\u1780-\u17ff][^"`]*/u)?.[0] ?? "") : text;
    expect(
      lines.filter(({ text }) => wrong.test(khmerPart(text))).map(({ where, text }) => `${where} ${text.trim()}`),
    ).toEqual([]);
  });
});
