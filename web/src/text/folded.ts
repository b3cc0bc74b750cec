/**
 * The form in which names are compared when somebody searches. Khmer is typed in many orders that look alike: signs are
 * put into one order, look-alikes become one, and what cannot be seen is dropped. The order of signs follows Unicode
 * Technical Note 61, "Khmer Encoding Structure". Only for comparing: the form is never shown or stored.
 *
 * The server folds names by the same rules (`phteah_layers::text::search_form`); `tests/vectors/search-form.json` holds
 * cases that both must pass.
 */
export function folded(text: string): string {
  return latin(khmer(text.replace(INVISIBLE, "")))
    .replace(/\s+/g, " ")
    .replace(/(?<!\d) (?=\d)/g, "")
    .replace(BETWEEN_KHMER, "")
    .trim();
}

/** Zero-width spaces, direction marks, joiners, soft hyphens, and the two vowels U+17B4 and U+17B5 that have no shape. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;

/** Khmer writes no space between words: one that somebody typed says nothing. */
const BETWEEN_KHMER = /(?<=[\u1780-\u17ff]) (?=[\u1780-\u17ff])/g;

const CONSONANT = "[\\u1780-\\u17a2]";
/** A letter and all that is written above, below and around it: signs, vowels, and subscripts (U+17D2 and a letter). */
const SYLLABLE = /[\u1780-\u17b3](?:\u17d2[\u1780-\u17b3]|[\u17b6-\u17d1\u17d3\u17dd])+/g;
const PART = /\u17d2[\u1780-\u17b3]|[\u17b6-\u17d1\u17d3\u17dd]/g;

/** Where a part of a syllable stands: robat, subscripts (RO last), shifters, vowels, nikahit, other signs, visarga. */
function place(part: string): number {
  if (part === "\u17cc") return 0;
  if (part === "\u17d2\u179a") return 2;
  if (part.startsWith("\u17d2")) return 1;
  if (/[\u17c9\u17ca]/.test(part)) return 3;
  if (/[\u17b6-\u17c5]/.test(part)) return 4;
  if (part === "\u17c6") return 5;
  if (/[\u17c7\u17c8]/.test(part)) return 7;
  return 6;
}

function ordered(syllable: string): string {
  const parts = syllable.slice(1).match(PART) ?? [];
  // Two vowels in either order are the same picture: by their code.
  const compare = (a: string, b: string) => place(a) - place(b) || (place(a) === 4 ? (a < b ? -1 : a > b ? 1 : 0) : 0);
  return syllable.charAt(0) + parts.sort(compare).join("");
}

/** Letters that are spelt in two ways, and what both become. */
const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [/\u17a3/g, "អ"],
  [/\u17a4/g, "អា"],
  [/ឲ/g, "ឱ"],
  [/\u17d3/g, ""],
];

const AFTER_ORDER: readonly (readonly [RegExp, string])[] = [
  // Subscript DA and TA look the same in every font.
  [/\u17d2ដ/g, "\u17d2ត"],
  // One vowel typed as its two halves.
  [/[\u17b8]\u17c1|\u17c1\u17b8/g, "\u17be"],
  [/\u17b6\u17c1|\u17c1\u17b6/g, "\u17c4"],
  // A shifter below a vowel that stands above looks like the vowel U.
  [/[\u17c9\u17ca]([\u17b7-\u17ba\u17be])/g, "$1\u17bb"],
  [/ឱ\u17d2?យ/g, "អោយ"],
  // Independent vowels, which writers also spell with the letter A.
  [/ឥ/g, "អិ"],
  [/ឦ/g, "អី"],
  [/ឧ/g, "អុ"],
  [/ឩ/g, "អូ"],
  [/ឪ/g, "អូវ"],
  [/[ឫឬ]/g, "រឹ"],
  [/[ឭឮ]/g, "លឹ"],
  [/ឯ/g, "អែ"],
  [/ឰ/g, "អៃ"],
  [/ឱ/g, "អោ"],
  [/ឳ/g, "អៅ"],
  // A closing MO is written as MO above the next letter, or as nikahit: សម្រោង, សំរោង.
  [new RegExp(`ម\\u17d2(?=${CONSONANT})`, "g"), "ម"],
  [new RegExp(`(${CONSONANT}(?:\\u17d2${CONSONANT})*)\\u17c6`, "g"), "$1ម"],
];

const replaced = (text: string, rules: readonly (readonly [RegExp, string])[]) =>
  rules.reduce((so, [from, to]) => so.replace(from, to), text);

function khmer(text: string): string {
  if (!/[\u1780-\u17ff]/.test(text)) return text;
  const digits = text.replace(/[\u17e0-\u17e9]/g, (digit) => String(digit.charCodeAt(0) - 0x17e0));
  return replaced(replaced(digits, SPELLINGS).replace(SYLLABLE, ordered), AFTER_ORDER);
}

/** Letters' case and the marks of Latin script aside. */
function latin(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toUpperCase()
    .toLowerCase();
}
