/**
 * The JSON that `phteah` serves, as documented by its OpenAPI description. Nothing in the page reads a field that is
 * not named here. `npm run api-types` writes `generated.ts` from the server's golden file, to check this module against.
 */

import type { Said } from "../said/words";

/** Text for people, in both languages of the deployment. */
export interface Text {
  en: string;
  km: string;
}

/** West, south, east, north in degrees (WGS 84). */
export type Bounds = [number, number, number, number];

/** A sentence in English, and its code and values for other languages. */
export interface Spoken {
  message: string;
  said?: Said | null;
}

/** Something wrong with a field of what was sent. */
export interface Detail extends Spoken {
  field: string;
}

export interface ApiProblem {
  code: string;
  message: string;
  details?: Detail[];
  request_id?: string;
}

export interface Deployment {
  title: Text;
  illustrative: boolean;
  bounds: Bounds;
  crs: string;
  version: string;
}

export interface LayerField {
  name: string;
  type: "text" | "number" | "integer" | "boolean" | "date";
  unit?: string | null;
}

export interface Layer {
  name: string;
  role: string;
  title: string;
  kind: "vector" | "raster";
  geometry?: "point" | "line" | "polygon" | null;
  features?: number | null;
  crs: string;
  /** The file it came from, or what generated it; like the next two, empty where nothing was stated. */
  source: string;
  licence: string;
  attribution: string;
  /** Names this version of the layer: `/tiles/…?v={hash}` may be kept for ever. */
  hash: string;
  imported_at: string;
  illustrative: boolean;
  bounds: Bounds;
  min_zoom: number;
  max_zoom: number;
  fields: LayerField[];
  /** Years, for a flood depth raster. */
  return_period?: number | null;
  unit?: string | null;
}

/** What is measured at each site; the kind decides which of the other fields are present. */
export interface Measure {
  kind: string;
  return_period?: number;
  cut_return_period?: number;
  statistic?: string;
  deeper_than_m?: number;
  service?: string;
  mode?: string;
  minutes?: number;
  class?: string;
}

/** From a measure to its worth, 0–1; the kind decides which of the other fields are present. */
export interface ValueFunction {
  kind: string;
  worst?: number;
  best?: number;
  points?: [raw: number, worth: number][];
  a?: number;
  b?: number;
  c?: number;
  d?: number;
  midpoint?: number;
  slope?: number;
  below?: number;
  steps?: [raw: number, worth: number][];
  values?: Record<string, number>;
}

export type Goal = "max" | "min";

export interface ScenarioCriterion {
  id: string;
  label: Text;
  measure: Measure;
  goal?: Goal;
  weight: number;
  value: ValueFunction;
  [other: string]: unknown;
}

/** A hard limit, on a criterion's measure or on one of its own; one of the four limits is there. */
export interface ScenarioExclusion {
  id: string;
  criterion?: string;
  measure?: Measure;
  at_most?: number;
  at_least?: number;
  one_of?: string[];
  on_network?: true;
  /** Why a site beyond the limit is excluded. */
  reason: Text;
  /** Switched off: kept, but without a part in the decision. */
  off?: true;
}

/** Who would move: every settlement that is loaded, or those with these ids. */
export interface ScenarioMove {
  settlements: "all" | string[];
  [other: string]: unknown;
}

export interface ScenarioOrder {
  by?: "lowest" | "middle" | "hurwicz";
  /** With `hurwicz`: how much the highest possible score counts. */
  alpha?: number;
  /** A site of whose weight more than this share is unknown is listed apart. */
  apart_above?: number;
}

/** The scenario as the server gave it; whatever this page does not edit is sent back untouched. */
export interface Scenario {
  title: Text;
  method?: string;
  /** The day for which services are counted, `2026-01-31`. */
  as_of?: string;
  move?: ScenarioMove;
  /** How sites are ordered where facts are missing. */
  order?: ScenarioOrder;
  criterion: ScenarioCriterion[];
  exclusion?: ScenarioExclusion[];
  [other: string]: unknown;
}

export interface Criterion {
  id: string;
  label: Text;
  unit: string;
  goal: "max" | "min";
  /** Share of the whole, 0–1. */
  weight: number;
  measure: Measure;
  value: ValueFunction;
  /** The value function in words. */
  in_words: Text;
}

export interface ExclusionTotal {
  id: string;
  text: Text;
  fails: number;
  unknown: number;
}

/** What a planner should know about a result that is still an answer. */
export interface Warning extends Spoken {
  code: string;
  criterion?: string | null;
}

export interface Ranking {
  id: string;
  scenario: Scenario;
  method: string;
  criteria: Criterion[];
  exclusions: ExclusionTotal[];
  order: { by: string; alpha: number; apart_above: number };
  totals: { sites: number; ranked: number; excluded: number; too_little_known: number; with_unknowns: number };
  inputs: { layer: string; role: string; hash: string; illustrative: boolean; licence: string; attribution: string }[];
  warnings: Warning[];
  room?: Room | null;
  illustrative: boolean;
}

/** The room of the ranked sites against those who would move. */
export interface Room {
  households: number;
  settlements_silent: number;
  first: number;
  all: number;
  costs_unknown: number;
  budget?: number | null;
  /** Ranked sites that a limit may yet exclude: they are in no set. */
  undecided: number;
  undecided_room: number;
  cheapest?: SiteSet | null;
  best?: SiteSet | null;
  within?: SiteSet | null;
}

/** Sites that together hold everybody. */
export interface SiteSet {
  sites: string[];
  room: number;
  /** US dollars, as far as costs are known; null where none is. */
  cost?: number | null;
  costs_unknown: number;
  within_budget?: boolean | null;
  score: number;
  gap: number;
}

export interface Place extends Text {
  code: string;
}

export type ExclusionAnswer = "fail" | "unknown";

export interface SiteSummary {
  i: number;
  id: string;
  rank: number | null;
  score: number | null;
  status: string;
  /** Share of the weight of which nothing is known. */
  unknown_share: number;
  /** Ids of the criteria of which nothing is known, by falling weight. */
  find_out: string[];
  /** US dollars; null where it is not known, or the scenario has no unit costs. */
  cost_per_household_low?: number | null;
  cost_per_household_high?: number | null;
  lowest: number;
  highest: number;
  name: Text | null;
  khan: Place | null;
  sangkat: Place | null;
  area_m2: number;
  capacity: number;
  lon: number;
  lat: number;
  excluded: { exclusion: string; text: Text; answer: ExclusionAnswer }[];
}

export type MeasureStatus = "known" | "unknown" | "unreachable" | "off_network";

export interface SiteCriterion {
  id: string;
  raw: number | null;
  category?: string | null;
  unit: string;
  status: MeasureStatus;
  /** The lowest and highest that the raw number can be, where it is known between bounds. */
  low: number | null;
  high: number | null;
  /** The share of the households for whom the number holds, where the others cannot get there. */
  reached_share?: number | null;
  /** Taken from a coarser source than its measure asks for: flood zones instead of depths. */
  coarse?: boolean;
  value: number | null;
  contribution: number | null;
}

export interface SiteDetail extends SiteSummary {
  parcels: string[];
  geometry: GeoJSON.Polygon | GeoJSON.MultiPolygon;
  criteria: SiteCriterion[];
  /** The best and worst rank that missing facts leave open; null where it has none. */
  rank_best?: number | null;
  rank_worst?: number | null;
}

/** 0 ranked, 1 excluded, 2 not known whether it is excluded. */
export type Exclusion = 0 | 1 | 2;

export interface Matrix {
  criteria: string[];
  sites: {
    id: string[];
    lon: number[];
    lat: number[];
    area_m2: number[];
    capacity: number[];
    khan: (string | null)[];
    sangkat: (string | null)[];
    /** Counts the sites of a sangkat: see `siteName`. */
    number: number[];
  };
  /** Per criterion, per site: 0 worst … 1 best; null is unknown. */
  value: (number | null)[][];
  raw: (number | null)[][];
  /** Per criterion, by row: the sites whose value is known between two bounds only. */
  bounds: [row: number, low: number, high: number][][];
  excluded: Exclusion[];
  rank: (number | null)[];
  score: (number | null)[];
  /** Per criterion: whether no layer is loaded for it. */
  without_layer: boolean[];
  /** Names of khans and sangkats by code. */
  places: Record<string, Text>;
  /** What people call the sites that lie in none of them, by row. */
  elsewhere: Record<number, Text>;
}

/** A street, or the part of one that lies by itself. */
export interface Street {
  name: Text;
  /** A place on it. */
  lon: number;
  lat: number;
  bounds: Bounds;
  sangkat?: Place | null;
}

/** A settlement that may move. */
export interface Settlement {
  id: string;
  name: Text | null;
  /** Where it lies, as far as the boundaries say. */
  sangkat?: Place | null;
  households?: number | null;
  lon: number;
  lat: number;
}

/** What the server is doing now that takes long. */
export interface WorkStep {
  step: Text;
  done: number;
  /** Null where nobody knows how much it will be. */
  total: number | null;
}

export type FileFormat = "xlsx" | "csv" | "geojson" | "gpkg" | "json";

/** Who decided, what was chosen and why, and where against the order. */
export interface DecisionRecord {
  decided_by: string;
  notes?: string;
  chosen?: { site: string; reason: string }[];
  overrides?: { site: string; reason: string }[];
}

/** A decision record as the server sealed it: what of it stands on paper. */
export interface SealedRecord {
  version: string;
  who: string;
  /** RFC 3339. */
  when: string;
  notes: string;
  chosen?: { alternative: string; reason: string }[];
  overrides: { alternative: string; decision: string; reason: string }[];
  seal: string;
}

/** A scenario that the server keeps. */
export interface KeptScenario {
  name: string;
  title: Text;
  /** It comes with the program and cannot be overwritten. */
  built_in: boolean;
  /** Changes with each save, so that nobody overwrites what somebody else has saved meanwhile. */
  version: string;
}

/** A plot drawn by hand, as the server keeps it with a scenario. */
export interface KeptPlot {
  name: string;
  /** Null takes that of the parcels under it; so does a price of null. */
  tenure?: string | null;
  price_usd_m2?: number | null;
  /** Longitudes and latitudes: the outline, then holes; the last corner of each joins its first. */
  rings: number[][][];
}

export interface PlotList {
  plots: KeptPlot[];
  /** Null where none were ever kept. */
  version?: string | null;
}
