/** Khmer digits, as keyboards of Cambodia write them. */

export const latinDigits = (text: string): string =>
  text.replace(/[\u17e0-\u17e9]/g, (digit) => String(digit.charCodeAt(0) - 0x17e0));

/** A number as somebody typed it: Khmer digits, invisible signs, commas between thousands, a decimal comma. Null where it is none. */
export function typedNumber(text: string): number | null {
  const plain = latinDigits(text)
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .replace(/[\s\u00a0]/g, "")
    .replace(/,(?=\d{3}(\D|$))/g, "")
    .replace(",", ".");
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
}
