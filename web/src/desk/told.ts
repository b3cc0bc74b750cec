/** Facts and values as people read them. */
import type { DeskWords } from "../i18n/desk-en";
import { answerWords, factWords } from "../i18n/facts";
import { locale } from "../i18n/locale.svelte";
import type { CaseFact, Household } from "./api";

/** What values are told with: the words, and the names of sites and sangkats by their ids and codes. */
export interface Told {
  t: DeskWords;
  site: (id: string) => string;
  place: (code: string) => string;
}

/** The question that a fact answers. */
export function factLabel(t: DeskWords, path: string): string {
  const purpose = /^consent\.(.+)$/.exec(path)?.[1];
  return purpose ? `${t.one.consents}${locale.colon} ${purposeLabel(t, purpose)}` : factWords(path, locale.lang);
}

/** For what a consent is. */
export function purposeLabel(t: DeskWords, purpose: string): string {
  return t.purpose[purpose] ?? purpose.replace(/_/g, " ");
}

/** An answer. What is no word, number or yes is shown as it was sent. */
export function valueLabel(told: Told, value: unknown, path = ""): string {
  const { t } = told;
  if (value === null || value === undefined) return t.unknown;
  if (value === true) return t.yes;
  if (value === false) return t.no;
  if (typeof value === "number") return String(value);
  if (typeof value === "string") {
    if (path === "status") return t.status[value] ?? value;
    if (path === "placement.site") return told.site(value);
    if (path.endsWith(".sangkat")) return told.place(value);
    if (path.startsWith("referrals/")) return t.standing[value] ?? value;
    return answerWords(path, value, locale.lang) ?? value;
  }
  if (Array.isArray(value)) return value.map((one) => valueLabel(told, one, path)).join(", ");
  return JSON.stringify(value);
}

/** Facts of a household that a service may be told: those that stand without a conflict, and nothing about the record or who is in danger. */
export function tellable(household: Household): readonly CaseFact[] {
  return household.facts.filter((fact) => fact.values.length === 1 && !/^(record|protection)\./.test(fact.path));
}

/** What stands as the answer to a fact without a conflict. */
export function valueOf(told: Told, fact: CaseFact): string {
  return valueLabel(told, fact.values[0]?.value, fact.path);
}
