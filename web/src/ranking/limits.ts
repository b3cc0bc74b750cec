/** Hard limits: what they limit, and the reason that a person reads, which always follows the limit as it stands. */
import type { Criterion, Measure, ScenarioExclusion, Text } from "../api/types";
import { en } from "../i18n/en";
import { km } from "../i18n/km";
import { formats } from "../i18n/format";
import type { Messages } from "../i18n/en";
import { unitOf } from "./units";
import { inWords } from "./words";

type Subject = Pick<Criterion, "id" | "label" | "measure">;

export type LimitKind = "at_most" | "at_least" | "one_of" | "on_network";

export function kindOf(limit: ScenarioExclusion): LimitKind {
  if (limit.one_of) return "one_of";
  if (limit.on_network) return "on_network";
  return "at_least" in limit ? "at_least" : "at_most";
}

/** What a limit is about: a criterion's measure, or one of its own. */
export function measureOf(limit: ScenarioExclusion, criteria: readonly Subject[]): Measure | null {
  return limit.measure ?? criteria.find(({ id }) => id === limit.criterion)?.measure ?? null;
}

/** The limit with another number or list, and its reason in both languages. */
export function limitedTo(
  limit: ScenarioExclusion,
  to: number | string[],
  criteria: readonly Subject[],
): ScenarioExclusion {
  const kind = kindOf(limit);
  const next: ScenarioExclusion = { ...limit, [kind]: to };
  // A number that is still being typed has no words yet.
  if (typeof to === "number" && !Number.isFinite(to)) return next;
  return { ...next, reason: reasonOf(next, criteria) };
}

export function reasonOf(limit: ScenarioExclusion, criteria: readonly Subject[]): Text {
  return { en: said(limit, criteria, en, "en"), km: said(limit, criteria, km, "km") };
}

function said(limit: ScenarioExclusion, criteria: readonly Subject[], t: Messages, lang: "en" | "km"): string {
  const measure = measureOf(limit, criteria);
  const label = criteria.find(({ id }) => id === limit.criterion)?.label[lang] ?? limit.id;
  if (limit.one_of) {
    const names = limit.one_of.map((name) => t.tenures[name as keyof typeof t.tenures] ?? name);
    return t.setup.exclusions.notOneOf(label, names.join(", "));
  }
  if (limit.on_network) return t.words.offNetwork;
  const raw = limit.at_most ?? limit.at_least ?? null;
  const unit = measure ? unitOf(measure) : "";
  const sentence = measure
    ? inWords(measure, { raw, unit, status: "known" }, label, { t, f: formats(t) })
    : String(raw);
  return kindOf(limit) === "at_least" ? t.setup.exclusions.under(sentence) : t.setup.exclusions.over(sentence);
}

/** A new limit on a criterion: so wide that it excludes nothing yet. */
export function newLimit(
  subject: Subject & Pick<Criterion, "goal">,
  raws: readonly (number | null)[],
  categories: string[],
  taken: readonly string[],
): ScenarioExclusion {
  let id = `limit_${subject.id}`;
  for (let n = 2; taken.includes(id); n += 1) id = `limit_${subject.id}_${n}`;
  const known = raws.filter((raw) => raw !== null);
  const limit: ScenarioExclusion = { id, criterion: subject.id, reason: { en: "", km: "" } };
  if (subject.measure.kind === "tenure") limit.one_of = categories;
  else if (subject.goal === "max") limit.at_least = lowest(known);
  else limit.at_most = highest(known);
  return { ...limit, reason: reasonOf(limit, [subject]) };
}

function highest(raws: number[]): number {
  const most = raws.reduce((a, b) => Math.max(a, b), 0);
  return roundUp(most);
}

function lowest(raws: number[]): number {
  const least = raws.reduce((a, b) => Math.min(a, b), raws[0] ?? 0);
  return -roundUp(-least);
}

/** To two digits, never below. */
function roundUp(raw: number): number {
  if (raw === 0) return 0;
  const power = 10 ** (Math.floor(Math.log10(Math.abs(raw))) - 1);
  return Number((Math.ceil(raw / power) * power).toPrecision(6));
}
