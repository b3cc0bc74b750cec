/** Facts and values as people read them. */
import type { DeskWords } from "../i18n/desk-en";
import { answerWords, factWords } from "../i18n/facts";
import { locale } from "../i18n/locale.svelte";
import type { CaseFact, Household } from "./api";

/** The question that a fact answers. */
export const factLabel = (path: string): string => factWords(path, locale.lang);

/** An answer. What is no word, number or yes is shown as it was sent. */
export function valueLabel(t: DeskWords, value: unknown, path: string, of?: (site: string) => string): string {
  if (value === null || value === undefined) return t.unknown;
  if (value === true) return t.yes;
  if (value === false) return t.no;
  if (typeof value === "number") return String(value);
  if (typeof value === "string") {
    if (path === "status") return t.status[value] ?? value;
    if (path === "placement.site" && of) return of(value);
    return answerWords(path, value, locale.lang) ?? value;
  }
  if (Array.isArray(value)) return value.map((one) => valueLabel(t, one, path)).join(", ");
  return JSON.stringify(value);
}

/** Facts of a household that a service may be told: those that stand without a conflict, and nothing about the record or who is in danger. */
export function tellable(household: Household): readonly CaseFact[] {
  return household.facts.filter((fact) => fact.values.length === 1 && !/^(record|protection)\./.test(fact.path));
}

/** What stands as the answer to a fact without a conflict. */
export function valueOf(t: DeskWords, fact: CaseFact): string {
  return valueLabel(t, fact.values[0]?.value, fact.path);
}
