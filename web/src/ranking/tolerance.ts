/** Comparisons that binary rounding does not turn over: the server's own (`tolerance.rs`), with the same number of bits. */
const UNITS = 4;

export function atMost(number: number, limit: number): boolean {
  return number <= limit || number - limit <= UNITS * Number.EPSILON * Math.max(Math.abs(number), Math.abs(limit));
}

export function atLeast(number: number, limit: number): boolean {
  return atMost(limit, number);
}
