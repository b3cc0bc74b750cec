/** A household's code, as it stands on its card: `0118-8FZR-M` (`crates/registry/src/code.rs`). */
import { latinDigits } from "./digits";

const SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHECK = 37n;
const PASSED_OVER = /[\s\-_.\u00ad\u2010-\u2015\u2212\u200b-\u200f\u2060\ufeff]/gu;

/** The code in its one form, or null where the text is none: a character is wrong, missing, or out of place. */
export function readCode(text: string): string | null {
  const signs = [...latinDigits(text).replace(PASSED_OVER, "").toUpperCase()].map((sign) =>
    sign === "O" ? "0" : sign === "I" || sign === "L" ? "1" : sign,
  );
  if (signs.length !== 9) return null;
  const numbers = signs.map((sign) => SIGNS.indexOf(sign));
  if (numbers.includes(-1)) return null;
  const number = numbers.slice(0, 8).reduce((sum, one) => (sum << 5n) | BigInt(one), 0n);
  if (number % CHECK !== BigInt(numbers[8] ?? -1)) return null;
  const plain = signs.join("");
  return `${plain.slice(0, 4)}-${plain.slice(4, 8)}-${plain.slice(8)}`;
}
