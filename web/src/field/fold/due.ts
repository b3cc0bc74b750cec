/** Which visits are due after a move (`crates/registry/src/schedule.rs`). */
import type { State } from "./state";

export interface Schedule {
  visits: { months: number; early_days: number; late_days: number }[];
  escalate_after_days: number;
}

export type VisitStanding = "upcoming" | "due" | "overdue" | "escalated" | "missed" | "done" | "not_needed";

export interface DueVisit {
  of: string;
  months: number;
  on: string;
  from: string;
  until: string;
  standing: VisitStanding;
  attempts: string[];
}

const DAY_MS = 86_400_000;
const at = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

export const daysBetween = (from: string, to: string): number => Math.round((at(to) - at(from)) / DAY_MS);

/** A day so many months and days later; the last day of a month that is too short. */
export function later(day: string, months: number, days: number): string {
  const start = new Date(at(day));
  const month = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + months, 1));
  const length = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 0)).getUTCDate();
  month.setUTCDate(Math.min(start.getUTCDate(), length));
  return dayOf(month.getTime() + days * DAY_MS);
}

/** The visits that are due after the household's last move, in order; none if it has not moved. */
export function dueVisits(state: State, schedule: Schedule, today: string): DueVisit[] {
  const moved = state.moves
    .filter(({ site }) => state.sites.length === 0 || state.sites.includes(site))
    .sort((a, b) => (a.on === b.on ? (a.event < b.event ? -1 : 1) : a.on < b.on ? -1 : 1))[0];
  if (!moved) return [];
  const isOver = (state.statuses.length === 1 && state.statuses[0] === "left") || state.merged_into !== null;
  const departures = state.contacts
    .filter(({ kind, is_replaced }) => kind === "left" && !is_replaced)
    .map(({ first_gone, on }) => first_gone ?? on)
    .sort();
  const endedOn = isOver ? (departures[0] ?? "") : null;
  const visits = [...schedule.visits]
    .sort((a, b) => a.months - b.months)
    .map(({ months, early_days, late_days }): DueVisit => ({
      of: moved.event,
      months,
      on: later(moved.on, months, 0),
      from: later(moved.on, months, -early_days),
      until: later(moved.on, months, late_days),
      standing: "upcoming",
      attempts: [],
    }));
  const made = new Set<DueVisit>();
  for (const contact of state.contacts) {
    const visit = visits.findLast(({ from }) => from <= contact.on);
    if (!visit) continue;
    if (contact.kind === "visited") made.add(visit);
    if (contact.kind === "not_found") visit.attempts.push(contact.event);
  }
  visits.forEach((visit, i) => {
    const next = visits[i + 1];
    visit.standing = made.has(visit)
      ? "done"
      : endedOn !== null && endedOn <= visit.until
        ? "not_needed"
        : today < visit.from
          ? "upcoming"
          : today <= visit.until
            ? "due"
            : next && next.from <= today
              ? "missed"
              : daysBetween(visit.until, today) > schedule.escalate_after_days
                ? "escalated"
                : "overdue";
  });
  return visits;
}
