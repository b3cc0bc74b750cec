/**
 * Khmer names in Latin letters are written in many ways: Toul Kork, Tuol Kok and Tuol Kouk are one place. This form keeps
 * what the ways have in common (the consonants, and where a vowel stands) and is compared only where the exact spelling
 * finds too little.
 */
export function romanised(name: string): string {
  return words(name).map(skeleton).join("");
}

/** First letters of each word and the number at the end: BKK1 for Boeng Keng Kang Ti Muoy. Empty for a single word. */
export function initials(name: string): string {
  const parts = words(name);
  const letters = parts.filter((word) => !/^\d+$/.test(word)).map((word) => word.charAt(0));
  const number = parts.find((word) => /^\d+$/.test(word)) ?? "";
  return letters.length > 1 ? letters.join("") + number : "";
}

/** Numbers as the register writes them out after «ti», the ordinal. */
const NUMBERS: Readonly<Record<string, string>> = {
  muoy: "1",
  mouy: "1",
  pir: "2",
  bei: "3",
  buon: "4",
  pram: "5",
  prammuoy: "6",
};

function words(name: string): string[] {
  const split = name
    .normalize("NFKD")
    .replace(/[\u0300-\u036f'’.]/g, "")
    .toLowerCase()
    .match(/[a-z]+|\d+/g);
  return (split ?? []).filter((word) => word !== "ti").map((word) => NUMBERS[word] ?? word);
}

const VOWEL = "*";

function skeleton(word: string): string {
  if (/^\d+$/.test(word)) return word;
  return (
    word
      .replace(/w/g, "v")
      .replace(/q/g, "k")
      .replace(/j/g, "y")
      // An aspiration is often left out: Phsar, Psar; Khan, Kan; Chhbar, Chbar.
      .replace(/([ptksg])h/g, "$1")
      .replace(/chh?/g, "c")
      .replace(/g(?!$)(?<!ng)/g, "k")
      .replace(/c$/g, "k")
      // A vowel may carry an r, w or y that is not spoken: Kork, Kouk; Keo, Kaev; Chroy, Chraoy.
      .replace(/[aeiouy]+(?:r(?![aeiouy])|v$|y$)?/g, VOWEL)
      .replace(/h/g, "")
      .replace(/(.)\1+/g, "$1")
  );
}
