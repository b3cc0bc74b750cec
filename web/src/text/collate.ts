/**
 * Order of names, Khmer and Latin, the same in every browser. Some browsers carry no Khmer order and then put ឫស្សី after
 * អ, so the order is ours: consonants as in the alphabet, ឫ and ឬ after រ, ឭ and ឮ after ល, the other independent vowels
 * with អ, digits of both systems as numbers, and what cannot be seen not at all (as the Unicode CLDR order for Khmer has it).
 */
export function compareNames(a: string, b: string): number {
  const [left, right] = [weights(a), weights(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const difference = (left[i] ?? -1) - (right[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Bands of weights: blanks and marks, digits, Latin and other letters, then Khmer. */
const DIGITS = 0x1000;
const LETTERS = 0x100000;
const KHMER = 0x400000;

const CONSONANTS = "កខគឃងចឆជឈញដឋឌឍណតថទធនបផពភមយរឫឬលឭឮវឝឞសហឡអ";
/** What an independent vowel is spelt with, where it has no place of its own in the alphabet. */
const SPELT: Readonly<Record<string, string>> = {
  "\u17a3": "អ",
  "\u17a4": "អា",
  ឥ: "អិ",
  ឦ: "អី",
  ឧ: "អុ",
  ឨ: "អុក",
  ឩ: "អូ",
  ឪ: "អូវ",
  ឯ: "អែ",
  ឰ: "អៃ",
  ឱ: "អោ",
  ឲ: "អោ",
  ឳ: "អៅ",
};
/** Vowels and what is written with them, as one sign each where the alphabet has them so. */
const VOWELS = "ា ិ ី ឹ ឺ ុ ូ ួ ើ ឿ ៀ េ ែ ៃ ោ ៅ ុំ ំ ាំ ះ ិះ ុះ េះ ោះ".split(" ");
const PART = /[\d\u17e0-\u17e9]+|\u17d2[\s\S]|[ាុ]ំ|[ិុេោ]ះ|[\s\S]/gu;

function weights(name: string): number[] {
  const out: number[] = [];
  const plain = name
    .normalize("NFKD")
    .replace(/\p{Default_Ignorable_Code_Point}|[\u0300-\u036f]/gu, "")
    .toLowerCase();
  const spelt = [...plain]
    .map((letter) => SPELT[letter] ?? letter)
    .join("")
    // Robat is a RO that is spoken before its letter.
    .replace(/([\u1780-\u17b3])\u17cc/g, "រ\u17d2$1");
  for (const [part] of spelt.matchAll(PART)) {
    if (/^[\d\u17e0-\u17e9]/.test(part)) out.push(DIGITS + numeric(part));
    else out.push(...weight(part));
  }
  return out;
}

/** A run of digits as its number, so that 2 comes before 10; longer runs than any name has are all the same. */
function numeric(run: string): number {
  const latin = run.replace(/[\u17e0-\u17e9]/g, (digit) => String(digit.charCodeAt(0) - 0x17e0));
  return Math.min(Number(latin.slice(0, 6)), LETTERS - DIGITS - 1);
}

function weight(part: string): number[] {
  // A subscript comes after all vowels: ក, កា, ក្រ.
  if (part.startsWith("\u17d2")) return [KHMER + 0x2000 + CONSONANTS.indexOf(part.charAt(1))];
  const code = part.codePointAt(0) ?? 0;
  const consonant = CONSONANTS.indexOf(part);
  if (consonant >= 0) return [KHMER + 0x1000 + consonant];
  const vowel = VOWELS.indexOf(part);
  if (vowel >= 0) return [KHMER + 0x1800 + vowel];
  // Signs that change how a letter sounds order names only where all else is the same.
  if (code >= 0x17b4 && code <= 0x17d3) return [];
  if (/\p{Letter}/u.test(part)) return [LETTERS + code];
  return [0];
}
