/** What the desk asks of the server. What is searched for travels in bodies, never in addresses. */
import { ask, at } from "../api/client";
import type { components } from "../api/generated";

type Schemas = components["schemas"];
export type Setup = Schemas["DeskSetup"];
export type Day = Schemas["Day"];
export type Names = Schemas["Names"];
export type Author = Schemas["Author"];
export type ListRequest = Partial<Schemas["ListRequest"]>;
export type Page = Schemas["HouseholdPage"];
export type Listed = Schemas["ListedHousehold"];
export type Household = Schemas["Household"];
export type CaseFact = Schemas["CaseFact"];
export type CaseValue = Schemas["CaseValue"];
export type CaseEvent = Schemas["CaseEvent"];
export type CaseSaid = Schemas["CaseSaid"];
export type EventResult = Schemas["EventResult"];
export type AuditRow = Schemas["AuditRow"];
export type Quarantined = Schemas["Quarantined"];
export type DecisionSummary = Schemas["DecisionSummary"];
export type Placement = Schemas["Placement"];
export type PlacedFamily = Schemas["PlacedFamily"];
export type PlacementReason = Schemas["PlacementReason"];
export type PlacementCriterion = Schemas["PlacementCriterion"];
export type Sheets = Schemas["Sheets"];
export type Sheet = Schemas["Sheet"];
export type SheetSite = Schemas["SheetSite"];
export type DeskTask = Schemas["DeskTask"];
export type Outcomes = Schemas["Outcomes"];
export type OutcomeGroup = Schemas["OutcomeGroup"];
export type Releases = Schemas["DeskReleases"];
export type Release = Schemas["DeskRelease"];
export type ReleaseBy = Schemas["ReleaseBy"];
export type ReleaseTable = Schemas["ReleaseTable"];
export type ReleaseCell = Schemas["ReleaseCell"];
export type SeenBy = "internal" | "partner" | "public";

/** An event as it is sent: {@link ./events.ts} makes it. */
export type NewEvent = Record<string, unknown>;

const json = { "content-type": "application/json" };
const send = <T>(path: string, method: string, body: unknown) =>
  ask<T>(path, { method, headers: json, body: JSON.stringify(body) });
/** Answers of one word: done. */
const does = async (path: string, method: string, body: unknown): Promise<void> => {
  await send<unknown>(path, method, body);
};

export const desk = {
  setup: () => ask<Setup>("/api/desk/setup"),
  today: () => ask<Day>("/api/desk/today"),
  households: (request: ListRequest, signal?: AbortSignal) =>
    ask<Page>("/api/desk/households", {
      method: "POST",
      headers: json,
      body: JSON.stringify(request),
      ...(signal ? { signal } : {}),
    }),
  sites: () => ask<Schemas["FamilySites"]>("/api/desk/households/sites"),
  household: (id: string) => ask<Household>(`/api/desk/households/${at(id)}`),
  audit: (id: string) =>
    ask<{ rows: AuditRow[] }>(`/api/desk/households/${at(id)}/audit`).then((answer) => answer.rows),
  give: (id: string, accounts: readonly string[], why: string) =>
    does(`/api/desk/households/${at(id)}/given`, "PUT", { accounts, why }),
  hide: (id: string, hidden: boolean, why: string) =>
    does(`/api/desk/households/${at(id)}/hidden`, "PUT", { hidden, why }),
  record: (events: readonly NewEvent[], why = "") =>
    send<{ results: EventResult[] }>("/api/desk/events", "POST", { events, why }).then((answer) => answer.results),
  quarantine: (after: number | null) =>
    ask<Schemas["QuarantineList"]>(`/api/desk/quarantine${after === null ? "" : `?after=${after}`}`),
  decide: (entry: number, release: boolean, why: string) =>
    does(`/api/desk/quarantine/${entry}`, "POST", { release, why }),
  decisions: () => ask<{ decisions: DecisionSummary[] }>("/api/desk/decisions").then((answer) => answer.decisions),
  propose: (request: { decision: string; households: readonly string[]; sites: readonly string[] }) =>
    send<Placement>("/api/desk/placements", "POST", request),
  sheets: (request: { decision: string; households: readonly string[]; sites?: Record<string, string[]> }) =>
    send<Sheets>("/api/desk/sheets", "POST", request),
  tasks: () => ask<{ tasks: DeskTask[] }>("/api/desk/tasks").then((answer) => answer.tasks),
  askTask: (task: Schemas["TaskRequest"]) => send<{ id: string }>("/api/desk/tasks", "POST", task),
  /** Where a photo or sound of an answer is. */
  taskFile: (id: string, hash: string) => `/api/desk/tasks/${at(id)}/files/${at(hash)}`,
  /** Null takes the task back. */
  changeTask: (id: string, answer: string | null) => does(`/api/desk/tasks/${at(id)}`, "PUT", { answer }),
  outcomes: () => ask<Outcomes>("/api/desk/outcomes"),
  releases: () => ask<Releases>("/api/desk/releases"),
  prepareRelease: (tables: readonly string[], why: string) =>
    send<Releases>("/api/desk/releases", "POST", { tables, why }),
  countFamilies: () => send<Releases>("/api/desk/counts", "POST", { why: "" }),
  release: (n: number) => ask<Release>(`/api/desk/releases/${n}`),
  releaseTable: (n: number, table: string) => ask<ReleaseTable>(`/api/desk/releases/${n}/tables/${at(table)}`),
  auditRelease: (n: number) => send<Releases>(`/api/desk/releases/${n}/audit`, "POST", { why: "" }),
  /** `seen_by` is what the person saw: who will see each table. Where it is said otherwise by now, nothing is confirmed. */
  confirmRelease: (n: number, seen_by: Record<string, string>, why: string) =>
    send<Release>(`/api/desk/releases/${n}/confirm`, "POST", { why, seen_by }),
  withdrawRelease: (n: number, state: string, why: string) =>
    send<Release>(`/api/desk/releases/${n}/withdraw`, "POST", { why, state }),
  showRelease: (n: number, seen_by: SeenBy) => send<Release>(`/api/desk/releases/${n}/audience`, "PUT", { seen_by }),
};
