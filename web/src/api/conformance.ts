/**
 * Fails the type check when this page reads a field that the server does not document. Kinds and nullability are said
 * more narrowly in `types.ts` than OpenAPI says them, so names are compared.
 */
import type { components } from "./generated";
import type * as page from "./types";

type Server = components["schemas"];

/** The names that `Ours` reads and `Theirs` does not have: none, or this is no `true`. */
type Documented<Ours, Theirs> = [Exclude<keyof Ours, keyof Theirs>] extends [never]
  ? true
  : Exclude<keyof Ours, keyof Theirs>;

export const documented: [
  Documented<page.ApiProblem, Server["ErrorContent"]>,
  Documented<page.Detail, Server["Detail"]>,
  Documented<page.Warning, Server["Warning"]>,
  Documented<page.Criterion, Server["Criterion"]>,
  Documented<page.Deployment, Server["Deployment"]>,
  Documented<page.ExclusionTotal, Server["ExclusionTotal"]>,
  Documented<page.KeptScenario, Server["ScenarioName"]>,
  Documented<page.Layer, Server["Layer"]>,
  Documented<page.LayerField, Server["LayerField"]>,
  Documented<page.Matrix, Server["Matrix"]>,
  Documented<page.Matrix["sites"], Server["MatrixSites"]>,
  Documented<page.Place, Server["Place"]>,
  Documented<page.Ranking, Server["Ranking"]>,
  Documented<page.Settlement, Server["Settlement"]>,
  Documented<page.SiteCriterion, Server["SiteCriterion"]>,
  Documented<page.SiteDetail, Server["SiteDetail"]>,
  Documented<page.SiteSummary, Server["SiteSummary"]>,
  Documented<page.Street, Server["Street"]>,
] = [true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true];
