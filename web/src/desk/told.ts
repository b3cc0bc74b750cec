/** Facts and values as people read them. */
import type { DeskWords } from "../i18n/desk-en";
import type { CaseFact, Household } from "./api";

/** The question that a fact answers. One that has no words yet is shown by its name. */
export function factLabel(t: DeskWords, path: string): string {
  const member = /^members\/[^/]+\/(.+)$/.exec(path)?.[1];
  const name = member ?? path;
  return t.fact[name] ?? name.replace(/[._]/g, " ");
}

/** An answer. What is no word, number or yes is shown as it was sent. */
export function valueLabel(t: DeskWords, value: unknown, of?: (site: string) => string, path = ""): string {
  if (value === null || value === undefined) return t.unknown;
  if (value === true) return t.yes;
  if (value === false) return t.no;
  if (typeof value === "number") return String(value);
  if (typeof value === "string") {
    if (path === "status") return t.status[value] ?? value;
    if (path === "placement.site" && of) return of(value);
    return t.value[value] ?? value;
  }
  if (Array.isArray(value)) return value.map((one) => valueLabel(t, one)).join(", ");
  return JSON.stringify(value);
}

/** Facts of a household that a service may be told: those that stand without a conflict, and nothing about the record or who is in danger. */
export function tellable(household: Household): readonly CaseFact[] {
  return household.facts.filter((fact) => fact.values.length === 1 && !/^(record|protection)\./.test(fact.path));
}

/** What stands as the answer to a fact without a conflict. */
export function valueOf(t: DeskWords, fact: CaseFact): string {
  return valueLabel(t, fact.values[0]?.value, undefined, fact.path);
}
