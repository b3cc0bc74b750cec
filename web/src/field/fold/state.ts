/** What is known about a household: what the fold of its events gives (`crates/registry/src/state.rs`). */
import type { FieldEvent, Value } from "./event";

/** Statuses in the order of the way from the survey to the new home. */
export const STATUSES = [
  "recorded",
  "surveyed",
  "verified",
  "declined",
  "offered",
  "accepted",
  "moved",
  "settled",
  "not_found",
  "left",
  "merged",
] as const;
export type Status = (typeof STATUSES)[number];

export const isStatus = (name: unknown): name is Status => (STATUSES as readonly unknown[]).includes(name);
export const rankOf = (status: Status): number => STATUSES.indexOf(status);

/** An event, and what is known about how it came. */
export interface Known {
  event: FieldEvent;
  author?: string;
  received_at?: string;
}

export interface Said {
  event: string;
  author: string | null;
  happened_on: string;
  recorded_at: string;
}

export interface Held {
  value: Value;
  by: string[];
}

export interface Side {
  value: Value;
  said: Said[];
}

export interface Conflict {
  path: string;
  sides: Side[];
}

export interface Move {
  event: string;
  site: string;
  plot: string | null;
  on: string;
}

export interface Contact {
  event: string;
  kind: "visited" | "not_found" | "left";
  on: string;
  reason: string | null;
  is_replaced: boolean;
  last_there: string | null;
  first_gone: string | null;
}

export interface Referral {
  event: string;
  service: string;
  to: string | null;
  on: string;
  answers: string[];
}

/** How sure a location is. */
export type Certainty = "outside_country" | "imprecise" | "precise";

/** Where the house is. */
export interface HousePlace {
  /** The event that says so. */
  event: string;
  lon: number;
  lat: number;
  accuracy_m: number | null;
  certainty: Certainty;
  /** Somebody has said that the house is there, and did not only record something there. */
  confirmed: boolean;
  /** Events that say another place, and do not count for it: less sure, or far away and not confirmed. */
  elsewhere: string[];
}

export type Effect = "holds" | "replaced" | "kept" | "inherited";

export interface Trace extends Said {
  household: string;
  kind: string;
  effect: Effect;
  holding: number;
}

export type Trouble =
  | { trouble: "waiting"; event: string; missing: string[] }
  | { trouble: "circle"; events: string[] }
  | { trouble: "same_id"; event: string }
  | { trouble: "merge_circle"; records: string[] };

export interface State {
  household: string;
  records: string[];
  merged_into: string | null;
  split_from: { household: string; event: string }[];
  statuses: Status[];
  facts: Record<string, { values: Held[] }>;
  sites: string[];
  place: HousePlace | null;
  moves: Move[];
  contacts: Contact[];
  conflicts: Conflict[];
  referrals: Referral[];
  given_away: Record<string, string[]>;
  heads: string[];
  troubles: Trouble[];
  trace: Trace[];
}

/** The value of a fact, if there is exactly one. */
export function valueOf(state: State, path: string): Value | undefined {
  const values = state.facts[path]?.values;
  return values?.length === 1 ? values[0]?.value : undefined;
}

/** One word of danger is enough, even in conflict. */
export const isHidden = (state: State): boolean =>
  state.facts["protection.hidden"]?.values.some(({ value }) => value === true) ?? false;
