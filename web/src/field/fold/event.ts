/** Events as phones and the server exchange them; docs/registry.md says what each field means. */

/** A value of an answer. Numbers are read as JavaScript reads them: events are passed on as text, never made of these. */
export type Value = null | boolean | number | string | Value[] | { [name: string]: Value };

export interface Place {
  lon: number;
  lat: number;
  accuracy_m?: number;
  method?: string;
  /** Somebody was asked, and said that the house is here although it was known elsewhere. */
  confirmed?: boolean;
}

export interface FieldEvent {
  id: string;
  household: string;
  kind: string;
  after: string[];
  happened_on: string;
  recorded_at: string;
  form?: { id: string; version: string };
  facts?: Record<string, Value>;
  location?: Place;
  files?: string[];
  /** What the kind asks for: `site`, `reason`, `to`, … */
  [more: string]: unknown;
}

/** The kinds that this version makes a state of. Others are kept and passed on. */
export const KINDS = [
  "surveyed",
  "verified",
  "corrected",
  "consent_given",
  "consent_withdrawn",
  "offered",
  "accepted",
  "declined",
  "moved",
  "visited",
  "not_found",
  "referred",
  "referral_answered",
  "left",
  "merged",
  "split",
  "noted",
  "task_answered",
] as const;

export const isKnown = (kind: string): boolean => (KINDS as readonly string[]).includes(kind);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const NIL = /^[0-]+$/;

/** A member's id: any UUID but the empty one. */
export function memberId(text: unknown): string | null {
  return typeof text === "string" && UUID.test(text) && !NIL.test(text) ? text.toLowerCase() : null;
}

/** A household's id: a UUID of version 4. */
export function householdId(text: unknown): string | null {
  const id = memberId(text);
  return id?.[14] === "4" && "89ab".includes(id[19] ?? "") ? id : null;
}

export const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** Where a record goes on, or the household that members go to. */
export function toHousehold(event: FieldEvent): string | null {
  return event.kind === "merged" || event.kind === "split" ? householdId(event["to"]) : null;
}

/** The members that a split gives away, in order, each once. */
export function splitMembers(event: FieldEvent): string[] {
  if (event.kind !== "split" || !Array.isArray(event["members"])) return [];
  const ids = event["members"].map(memberId).filter((id): id is string => id !== null);
  return [...new Set(ids)].sort(byText);
}

/** The member that a fact is about. */
export function memberOf(path: string): string | null {
  const parts = path.split("/");
  return parts[0] === "members" && parts.length === 3 ? memberId(parts[1]) : null;
}

export const fieldOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const RANKS = ["null", "boolean", "number", "string", "list", "object"];

function rank(value: Value): number {
  const kind = value === null ? "null" : Array.isArray(value) ? "list" : typeof value;
  return RANKS.indexOf(kind);
}

/** The order in which the sides of a conflict are shown. */
export function byValue(a: Value, b: Value): number {
  const ranks = rank(a) - rank(b);
  if (ranks !== 0) return ranks;
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
      const part = byValue(a[i] ?? null, b[i] ?? null);
      if (part !== 0) return part;
    }
    return a.length - b.length;
  }
  if (typeof a === "object" || typeof b === "object") return byText(plain(a), plain(b));
  return byText(String(a), String(b));
}

/** JSON with names in order: equal where the values are equal. */
export function plain(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(plain).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const names = Object.keys(value).sort(byText);
  return `{${names.map((name) => `${JSON.stringify(name)}:${plain(value[name] ?? null)}`).join(",")}}`;
}

export const saysTheSame = (a: Value, b: Value): boolean => plain(a) === plain(b);
