import type {
  ApiProblem,
  DecisionRecord,
  Deployment,
  FileFormat,
  KeptScenario,
  Layer,
  KeptPlot,
  Matrix,
  PlotList,
  Ranking,
  Scenario,
  Settlement,
  SiteDetail,
  SiteSummary,
  Street,
  WorkStep,
} from "./types";

/** The server answered, and said no. `problem` is meant for people. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly problem: ApiProblem,
  ) {
    super(problem.message);
  }
}

/** Nothing answered: the server is stopped, restarting, or the network is gone. */
export class Unreachable extends Error {}

/** What went wrong, for people: the server's own words, or what befell the page. */
export function problemOf(cause: unknown): ApiProblem {
  if (cause instanceof Refused) return cause.problem;
  return { code: "page_error", message: cause instanceof Error ? cause.message : String(cause) };
}

/** The status of an answer that asks who is there. */
export const UNAUTHORISED = 401;

let signedOut: () => void = () => undefined;

/** What to do when the server asks who is there: a session is over. */
export function whenSignedOut(listener: () => void): void {
  signedOut = listener;
}

const jsonHeaders = { accept: "application/json" };

export async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await answerTo(path, init);
  // A proxy that has lost its server answers for it; to the planner that is the same silence.
  if ([502, 503, 504].includes(response.status)) throw new Unreachable("The server does not answer.");
  return read(response);
}

/**
 * As {@link ask}, for what the page can do without: a server that says that it took too long is there, and asking it
 * the same again and again would only keep it from the rest.
 */
export async function askOnce<T>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await answerTo(path, init);
  if (response.ok || response.headers.get("content-type")?.startsWith("application/json")) return read(response);
  if ([502, 503, 504].includes(response.status)) throw new Unreachable("The server does not answer.");
  return read(response);
}

/** A scenario with the version that it has now. */
async function openScenario(name: string): Promise<{ scenario: Scenario; version: string | null }> {
  const response = await answerTo(`/api/scenarios/${at(name)}`, {});
  if ([502, 503, 504].includes(response.status)) throw new Unreachable("The server does not answer.");
  const version = /"([^"]+)"/.exec(response.headers.get("etag") ?? "")?.[1] ?? null;
  return { scenario: await read<Scenario>(response), version };
}

function answerTo(path: string, init: RequestInit): Promise<Response> {
  return fetched(path, { ...init, headers: { ...jsonHeaders, ...init.headers } });
}

/** Every request of the page goes through here, the tiles of the map aside. */
async function fetched(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new Unreachable("The server does not answer.", { cause });
  }
  if (response.status === UNAUTHORISED) signedOut();
  return response;
}

async function read<T>(response: Response): Promise<T> {
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw new Refused(response.status, problemIn(body, response));
  return body as T;
}

/** A file made by the server, under the name that it gave. */
async function file(path: string, init: RequestInit = {}): Promise<{ name: string; blob: Blob }> {
  const response = await fetched(path, init);
  if ([502, 503, 504].includes(response.status)) throw new Unreachable("The server does not answer.");
  if (!response.ok) throw new Refused(response.status, problemIn(await response.json().catch(() => null), response));
  const name = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1];
  return { name: name ?? "phteah", blob: await response.blob() };
}

function problemIn(body: unknown, response: Response): ApiProblem {
  if (typeof body === "object" && body !== null && "error" in body) {
    const { error } = body as { error: ApiProblem };
    if (typeof error?.message === "string") return error;
  }
  return { code: "unexpected_answer", message: `${response.status} ${response.statusText}`.trim() };
}

export const at = encodeURIComponent;

/** Has the server refuse the write when somebody else has written meanwhile. */
function onlyOver(version: string | null): Record<string, string> {
  return version === null ? { "if-none-match": "*" } : { "if-match": `"${version}"` };
}

export const api = {
  health: () => ask<{ status: string; version: string }>("/health"),
  deployment: () => ask<Deployment>("/api/deployment"),
  layers: () => ask<{ layers: Layer[] }>("/api/layers").then((answer) => answer.layers),
  scenarios: () => ask<{ scenarios: KeptScenario[] }>("/api/scenarios").then((answer) => answer.scenarios),
  /** `version`: the one that is overwritten; null makes a new one. */
  saveScenario: (name: string, scenario: Scenario, version: string | null) =>
    ask<KeptScenario>(`/api/scenarios/${at(name)}`, {
      method: "PUT",
      headers: { "content-type": "application/json", ...onlyOver(version) },
      body: JSON.stringify({ scenario }),
    }),
  deleteScenario: (name: string, version: string) =>
    ask<unknown>(`/api/scenarios/${at(name)}`, { method: "DELETE", headers: onlyOver(version) }),
  scenario: openScenario,
  plots: (scenario: string) => ask<PlotList>(`/api/scenarios/${at(scenario)}/plots`),
  /** `version`: of the plots that are overwritten; null where none were kept. */
  savePlots: (scenario: string, plots: readonly KeptPlot[], version: string | null) =>
    ask<PlotList>(`/api/scenarios/${at(scenario)}/plots`, {
      method: "PUT",
      headers: { "content-type": "application/json", ...onlyOver(version) },
      body: JSON.stringify({ plots }),
    }),
  rank: (scenario: Scenario, signal?: AbortSignal) =>
    ask<Ranking>("/api/rankings", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ scenario }),
      ...(signal ? { signal } : {}),
    }),
  matrix: (ranking: string) => ask<Matrix>(`/api/rankings/${at(ranking)}/matrix`),
  sites: (ranking: string, after: string | null, limit: number) =>
    ask<{ sites: SiteSummary[]; next: string | null }>(
      `/api/rankings/${at(ranking)}/sites?limit=${limit}${after === null ? "" : `&after=${at(after)}`}`,
    ),
  /** Not asked again and again: who types on asks for something else. */
  streets: (name: string, signal: AbortSignal) =>
    askOnce<{ streets: Street[] }>(`/api/streets?q=${at(name)}`, { signal }).then((answer) => answer.streets),
  settlements: () => ask<{ settlements: Settlement[] }>("/api/settlements").then((answer) => answer.settlements),
  work: () => ask<{ work: WorkStep[] }>("/api/work").then((answer) => answer.work),
  download: (ranking: string, format: FileFormat, best: number | null, lang: string) =>
    file(`/api/rankings/${at(ranking)}/download?format=${format}&lang=${lang}${best === null ? "" : `&best=${best}`}`),
  record: (ranking: string, record: DecisionRecord) =>
    file(`/api/rankings/${at(ranking)}/record`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(record),
    }),
  site: (ranking: string, site: string) => ask<SiteDetail>(`/api/rankings/${at(ranking)}/sites/${at(site)}`),
};
