/** Events as the desk records them: the same as a phone's. */
import type { Household, NewEvent } from "./api";
import { given, type Answers } from "./visit-answers";

/** The day in Cambodia, seven hours ahead of UTC all year. */
export function today(now = Date.now()): string {
  return new Date(now + 7 * 3_600_000).toISOString().slice(0, 10);
}

/** A UUID of version 7: the time in milliseconds, then random bits (RFC 9562, section 5.7). */
export function eventId(now = Date.now(), random = crypto.getRandomValues(new Uint8Array(10))): string {
  const bytes = new Uint8Array(16);
  let left = now;
  for (let i = 5; i >= 0; i--) {
    bytes[i] = left % 256;
    left = Math.floor(left / 256);
  }
  bytes.set(random, 6);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** A new event about a household that comes after all that its author has seen. */
export function event(
  household: string,
  kind: string,
  after: readonly string[],
  more: Record<string, unknown> = {},
): NewEvent {
  return {
    id: eventId(),
    household,
    kind,
    after: [...after],
    happened_on: today(),
    recorded_at: `${new Date().toISOString().slice(0, 19)}Z`,
    ...more,
  };
}

/** What the dialog that records something holds, kind by kind. */
export interface RecordForm {
  day: string;
  reason: string;
  plot: string;
  service: string;
  to: string;
  note: string;
  lastThere: string;
  firstGone: string;
  /** For what a consent is given or taken back; empty for all. */
  purpose: string;
  /** Facts that the family agreed to have told to the service. */
  told: readonly string[];
  answers: Answers;
}

export const emptyForm = (): RecordForm => ({
  day: today(),
  reason: "",
  plot: "",
  service: "health_centre",
  to: "",
  note: "",
  lastThere: "",
  firstGone: "",
  purpose: "",
  told: [],
  answers: {},
});

/** The kinds that the dialog records. Offers, corrections, answers and joined records have screens of their own. */
export const RECORDED = [
  "verified",
  "accepted",
  "declined",
  "moved",
  "visited",
  "not_found",
  "referred",
  "left",
  "consent_given",
  "consent_withdrawn",
  "noted",
] as const;
export type RecordedKind = (typeof RECORDED)[number];

/** The site that something is recorded of: an answer is about the offer, all else about where the family belongs now. */
export function siteOf(
  kind: RecordedKind,
  { site, offered }: Pick<Household, "site" | "offered">,
): string | null | undefined {
  if (kind === "accepted") return offered;
  if (kind === "declined") return offered ?? site;
  return ["moved", "visited", "not_found"].includes(kind) ? site : null;
}

/** The fields that a kind asks for and no others; `tests/vectors/desk-events.json` has them for the server too. What is empty is left out. */
export function fieldsOf(
  kind: RecordedKind,
  form: RecordForm,
  household: Pick<Household, "site" | "offered">,
): Record<string, unknown> {
  const site = siteOf(kind, household);
  const reason = form.reason.trim();
  const to = form.to.trim();
  const purposes = form.purpose ? [form.purpose] : null;
  const answers = given(form.answers);
  const asked: Record<RecordedKind, Record<string, unknown>> = {
    verified: {},
    accepted: { site },
    declined: { site, reason },
    moved: { site, plot: form.plot.trim() },
    visited: { site, facts: Object.keys(answers).length > 0 ? answers : null },
    not_found: { site, reason },
    referred: { service: form.service, to, reason, told: [...form.told] },
    left: { last_there: form.lastThere, first_gone: form.firstGone, to, reason },
    consent_given: { purposes },
    consent_withdrawn: { purposes, reason },
    noted: { note: form.note.trim() },
  };
  const filled = Object.entries(asked[kind]).filter(
    ([, value]) => value !== null && value !== undefined && value !== "",
  );
  return { happened_on: form.day, ...Object.fromEntries(filled) };
}
