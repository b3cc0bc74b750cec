/**
 * Numbers as this product writes them in every language: `1,234.5`. Browsers differ in their Khmer number data and some
 * have none, so that one page could show 1.234 and 1,234 for the same number; therefore digits are ours.
 * Halves are rounded away from zero, as the server rounds (`plain_number` in `phteah_planning::measure`).
 */
export function plainNumber(value: number, most = 0, least = 0): string {
  if (!Number.isFinite(value)) return "–";
  const [whole = "0", fraction = ""] = decimal(Math.abs(value), most).split(".");
  const kept = fraction.replace(/0+$/, "").padEnd(least, "0");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  const digits = kept ? `${grouped}.${kept}` : grouped;
  // A minus before a zero would only puzzle.
  return value < 0 && /[1-9]/.test(digits) ? `-${digits}` : digits;
}

/** Rounds the shortest decimal text of a number, so that 1.005 becomes 1.01 as a reader expects. */
function decimal(value: number, places: number): string {
  if (value >= 1e21) return BigInt(Math.round(value)).toString();
  const shifted = Number(`${value}e${places}`);
  return Number.isNaN(shifted) ? value.toFixed(places) : Number(`${Math.round(shifted)}e-${places}`).toFixed(places);
}

/** A share of 1 as a percentage, no space before the sign: `25%`. */
export const plainPercent = (share: number, most = 0): string =>
  `${plainNumber(Number((share * 100).toPrecision(15)), most)}%`;
