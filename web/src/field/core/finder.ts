/** Finding a household by name in either script, by its code, however it is typed. The index is in memory alone. */
import { folded } from "../../text/folded";
import { romanised } from "../../text/romanised";
import { readCode } from "./code";
import type { Summary } from "./summary";

const MOST = 50;
/** Fewer letters than this are too little to tell spellings apart by. */
const LEAST_LOOSE = 3;

interface Entry {
  summary: Summary;
  exact: string[];
  loose: string[];
  /** The letters without their blanks, for mistakes of one sign. */
  close: string[];
}

export class Finder {
  readonly #entries: Entry[];

  constructor(summaries: Iterable<Summary>) {
    this.#entries = [...summaries]
      .filter(({ mergedInto }) => mergedInto === null)
      .map((summary) => {
        const exact = summary.names.map(folded);
        return {
          summary,
          exact,
          loose: summary.names.map(romanised).filter((key) => key.length >= LEAST_LOOSE),
          close: exact.map((name) => name.replace(/\s/g, "")),
        };
      });
  }

  /** The best hits: by code, then names that begin so, that hold it, that sound so, that differ by one sign. */
  find(text: string): Summary[] {
    const code = readCode(text);
    if (code !== null) {
      const own = this.#entries.filter(({ summary }) => summary.code !== null && readCode(summary.code) === code);
      if (own.length > 0) return own.map(({ summary }) => summary);
    }
    const exact = folded(text);
    if (exact === "") return [];
    const words = exact.split(" ");
    const loose = romanised(text);
    const close = exact.replace(/\s/g, "");
    const found: Summary[][] = [[], [], [], []];
    for (const entry of this.#entries) {
      const rank = this.#rank(entry, exact, words, loose, close);
      if (rank !== null) found[rank]?.push(entry.summary);
    }
    return found.flat().slice(0, MOST);
  }

  #rank(entry: Entry, exact: string, words: string[], loose: string, close: string): number | null {
    if (entry.exact.some((name) => name.startsWith(exact))) return 0;
    if (entry.exact.some((name) => words.every((word) => name.includes(word)))) return 1;
    if (plainCode(entry.summary.code).startsWith(plainCode(close)) && close.length >= 3) return 1;
    if (loose.length >= LEAST_LOOSE && entry.loose.some((key) => key.startsWith(loose))) return 2;
    if (close.length >= 4 && entry.close.some((name) => isNear(name, close))) return 3;
    return null;
  }
}

const plainCode = (code: string | null): string => (code ?? "").replace(/-/g, "").toUpperCase();

/** Whether two words differ by one sign that is wrong, missing, too much, or in its neighbour's place. */
export function isNear(name: string, typed: string): boolean {
  if (Math.abs(name.length - typed.length) > 1) return false;
  let at = 0;
  while (at < name.length && at < typed.length && name[at] === typed[at]) at += 1;
  const [rest, other] = [name.slice(at), typed.slice(at)];
  return (
    rest.slice(1) === other.slice(1) ||
    rest.slice(1) === other ||
    rest === other.slice(1) ||
    (rest.length > 1 && rest[0] === other[1] && rest[1] === other[0] && rest.slice(2) === other.slice(2))
  );
}
