/** What a visit told, as facts: what nobody asked is none. */
import type { Household } from "./api";

export type Answers = Readonly<Record<string, boolean | string | number | null>>;

export const given = (answers: Answers): Record<string, boolean | string | number> =>
  Object.fromEntries(
    Object.entries(answers).filter((entry): entry is [string, boolean | string | number] => entry[1] !== null),
  );

/** A member's age in the year of a day; null where it is not known, or two answers do not agree. */
export function ageIn(member: Household["members"][number], day: string): number | null {
  const values = member.facts.find(({ path }) => path === "birth_year")?.values ?? [];
  const born = values.length === 1 ? values[0]?.value : null;
  return typeof born === "number" && day !== "" ? Number(day.slice(0, 4)) - born : null;
}
