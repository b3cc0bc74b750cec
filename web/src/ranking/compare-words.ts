/** The difference of two sites in a sentence, with the letters under which they are compared. */
import type { ComparedPair } from "../api/insight";
import type { Formats } from "../i18n/format";
import type { Messages } from "../i18n/en";

/** Differences below this many points (of 1) decide nothing and are not told. */
const TELLING = 0.0005;
const MOST_NAMED = 3;
const LEVEL = 0.00005;

interface Speaker {
  t: Messages;
  f: Formats;
  /** The name of a criterion. */
  name: (criterion: string) => string;
  letter: (site: string) => string;
}

export function pairInWords(pair: ComparedPair, { t, f, name, letter }: Speaker): string {
  const w = t.insight.compare;
  const [a, b] = [letter(pair.ahead), letter(pair.behind)];
  const named = (differences: ComparedPair["ahead_by"]) => {
    const telling = differences.filter(({ difference }) => Math.abs(difference) >= TELLING).slice(0, MOST_NAMED);
    return listed(
      telling.map(({ criterion, difference }) => `${name(criterion)} (+${f.points(Math.abs(difference))})`),
      w.and,
    );
  };
  const [ahead, behind] = [named(pair.ahead_by), named(pair.behind_by)];
  if (pair.difference === null) return w.unscored(a, b);
  const level = Math.abs(pair.difference) < LEVEL;
  const head = level ? w.level(a, b) : w.ahead(a, b, f.points(Math.abs(pair.difference)));
  return `${head}${ahead && !level ? w.by(ahead) : ""}${behind ? w.behind(b, behind) : ""}.`;
}

/** What change of weights would swap them. */
export function swapInWords(pair: ComparedPair, { t, f, name, letter }: Speaker): string {
  const w = t.insight.compare;
  if (pair.difference === null) return "";
  if (pair.swap && !pair.swap.can_overtake) return w.onlyLevel(letter(pair.behind), letter(pair.ahead));
  if (pair.single) {
    const { criterion, from, to } = pair.single;
    return w.single(name(criterion), f.share(from), f.share(to), to > from);
  }
  if (!pair.swap) return w.never;
  const changes = pair.swap.changes
    .toSorted((one, other) => Math.abs(other.to - other.from) - Math.abs(one.to - one.from))
    .slice(0, MOST_NAMED + 1)
    .map(({ criterion, from, to }) => `${name(criterion)} ${f.share(from)} → ${f.share(to)}`);
  return `${w.noSingle} ${w.smallest(changes.join(", "))}`;
}

export function listed(parts: readonly string[], and: string): string {
  const last = parts.at(-1) ?? "";
  return parts.length > 1 ? `${parts.slice(0, -1).join(", ")}${and}${last}` : last;
}
