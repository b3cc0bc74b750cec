/** Two records side by side: what tells one family from another, and where the two differ. */
import type { CaseFact, Household } from "./api";
import { codeShown } from "./code";
import { factLabel, valueLabel, type Told } from "./told";

export interface ComparedRow {
  label: string;
  /** In the one record and in the other; empty where nobody said. */
  values: readonly [readonly string[], readonly string[]];
  /** Whether both say something, and not the same. */
  differs: boolean;
}

/** What the rows are written with. */
export interface Teller extends Told {
  date: (day: string) => string;
}

const METRES_A_DEGREE = 111_195;

export function compared(one: Household, other: Household, teller: Teller): ComparedRow[] {
  const { t, date } = teller;
  const row = (label: string, of: (household: Household) => readonly string[]): ComparedRow => {
    const values = [of(one), of(other)] as const;
    const said = values.map((lines) => [...lines].sort().join("\n"));
    return { label, values, differs: said[0] !== "" && said[1] !== "" && said[0] !== said[1] };
  };
  const fact = (facts: readonly CaseFact[], path: string): string[] =>
    (facts.find((held) => held.path === path)?.values ?? []).map(({ value }) => valueLabel(teller, value, path));
  const people = (household: Household) =>
    household.members.map((member) => {
      const [km, latin, born] = ["name", "name_latin", "birth_year"].map((name) =>
        fact(member.facts, name).join(" / "),
      );
      return [km || latin || t.noName, km ? latin : "", born ? t.years(born) : ""].filter(Boolean).join(" · ");
    });
  const surveyed = (household: Household) =>
    household.events.filter((event) => event.kind === "surveyed").map((event) => date(event.said.on));
  const last = (household: Household) => household.events.map((event) => event.said.on).sort().at(-1); // prettier-ignore
  const rows = [
    row(factLabel(t, "head.name"), ({ names }) => [names.km].filter(Boolean)),
    row(factLabel(t, "head.name_latin"), ({ names }) => [names.latin].filter(Boolean)),
    row(t.one.code, ({ code }) => (code ? [codeShown(code)] : [])),
    row(t.list.status, ({ statuses }) => statuses.map((status) => t.status[status] ?? status)),
    row(t.one.where, ({ places }) => places.map(({ code }) => teller.place(code))),
    row(t.list.site, (household) => (household.site ? [teller.site(household.site)] : [])),
    row(t.list.people, ({ size }) => (size === null || size === undefined ? [] : [String(size)])),
    row(t.one.members, people),
    row(factLabel(t, "head.phone"), ({ facts }) => fact(facts, "head.phone")),
    row(factLabel(t, "id_poor.card"), ({ facts }) => fact(facts, "id_poor.card")),
    row(t.kind["surveyed"] ?? "", surveyed),
    row(t.list.last, (household) => [last(household)].filter((day) => day !== undefined).map(date)),
  ];
  return rows.filter(({ values }) => values.some((lines) => lines.length > 0));
}

/** Metres between the places where two records were surveyed; null where one of them has none. */
export function metresBetween(one: Household, other: Household): number | null {
  const [a, b] = [one, other].map(
    (household) => household.events.find((event) => event.kind === "surveyed" && event.location)?.location,
  );
  if (!a || !b) return null;
  const [lonA = 0, latA = 0] = a;
  const [lonB = 0, latB = 0] = b;
  const east = (lonA - lonB) * Math.cos((latA * Math.PI) / 180);
  return Math.hypot(east, latA - latB) * METRES_A_DEGREE;
}
