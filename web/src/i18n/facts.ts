/** Facts and their words, from the one list that the server reads as well (`geodata/facts.json`, told of in `docs/facts.md`). */
import file from "../../../geodata/facts.json";

type Lang = "en" | "km";
type Said = Readonly<Record<Lang, string>>;

/** One of the answers to a question. */
export interface Choice extends Said {
  /** The word that is kept. */
  is: string;
}

export interface Fact extends Said {
  /** `{member}` stands for a member's id. */
  path: string;
  kind: "yes_no" | "one_of" | "some_of" | "number" | "year" | "sangkat" | "text" | "file";
  /** The list of its answers, where it has one. */
  answers?: string;
  unit?: string;
  /** Of yes or no: the question offers "don't know". */
  unknown?: boolean;
  /** What the forms that ask are for. */
  asked?: readonly string[];
  counted?: boolean;
  /** It tells at a visit what came of a move. */
  outcome?: boolean;
}

interface List {
  answers: Readonly<Record<string, readonly Choice[]>>;
  /** How people read "unknown" in answer to a question of yes or no. */
  unknown: Said;
  reasons: Readonly<Record<string, readonly Choice[]>>;
  facts: readonly Fact[];
  /** What is no fact, and may stand in conflict all the same. */
  others: readonly (Said & { path: string })[];
}

const list = file as unknown as List;
const facts = new Map(list.facts.map((fact) => [fact.path, fact]));
const words = new Map<string, Said>([...list.others, ...list.facts].map((one) => [one.path, one]));

/** A path with its place in the list: whose member it is does not matter there. */
const inList = (path: string): string =>
  path.replace(/^members\/[^/]+\//, "members/{member}/").replace(/^referrals\/[^/]+\//, "referrals/{referral}/");

/** The fact of a path; none where only a form of one's own can have given it. */
export const factOf = (path: string): Fact | undefined => facts.get(inList(path));

/** What a fact is called. One that the list does not have is called by its own name. */
export function factWords(path: string, lang: Lang): string {
  const known = words.get(inList(path));
  const name = path.split("/").at(-1) ?? path;
  return known?.[lang] ?? name.replaceAll("_", " ").replaceAll(".", " › ");
}

/** The answers to a question that has a fixed set of them. */
export const choicesOf = (fact: Fact): readonly Choice[] => list.answers[fact.answers ?? ""] ?? [];

/** How people read a word that is an answer; null where the list does not have it. */
export function answerWords(path: string, answer: string, lang: Lang): string | null {
  const fact = factOf(path);
  if (fact?.kind === "yes_no") return answer === "unknown" ? list.unknown[lang] : null;
  return (fact && choicesOf(fact).find(({ is }) => is === answer)?.[lang]) ?? null;
}

/** Why nobody was met (`not_found`), or why a family left (`left`). Others may be written. */
export const reasonsOf = (kind: string): readonly Choice[] => list.reasons[kind] ?? [];

export const reasonWords = (kind: string, reason: string, lang: Lang): string =>
  reasonsOf(kind).find(({ is }) => is === reason)?.[lang] ?? reason;

/** What can be told of a visit at the desk: what came of the move, whether the family lives there, and its work. */
export const VISIT: readonly Fact[] = list.facts.filter(
  ({ path, outcome }) => outcome || path === "visit.resident" || path === "work.kind",
);
export const SCHOOL = "members/{member}/school_attends";
