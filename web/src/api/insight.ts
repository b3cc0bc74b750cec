/** What the server works out beyond the order of the sites: how sure it is, how sites differ, what a site means. */
import { askOnce as ask, at } from "./client";
import type { SiteDetail, Text, Warning } from "./types";

/** Where random weights are drawn from: around the planner's own, any at all, or any in the planner's order. */
export type Draws = "given" | "uniform" | "order";

export interface Robustness {
  draws: number;
  weights: Draws;
  first: number;
  /** Mean of all drawn weights, by criterion. */
  mean_weights: number[];
  /** Per row of the matrix: the share of draws in which the site is among the `first`; null where it is not ranked. */
  among_first: (number | null)[];
  /** The best sites, each with its share of draws at rank 1, 2, …, and the weights that on average put it first. */
  sites: {
    i: number;
    id: string;
    ranks: number[];
    central_weights: number[] | null;
    confidence: number | null;
  }[];
  in_words: Text;
}

export interface Comparison {
  sites: string[];
  criteria: { id: string; best: string[]; spread: number | null }[];
  pairs: ComparedPair[];
  /** Whether no ranked site is at least as good in everything and better in something; null where it has no rank. */
  pareto: Record<string, boolean | null>;
}

/** A weight now, and where it makes two sites level. */
export interface WeightChange {
  criterion: string;
  from: number;
  to: number;
}

export interface ComparedPair {
  ahead: string;
  behind: string;
  /** Of their scores; null where one has none. */
  difference: number | null;
  ahead_by: { criterion: string; difference: number }[];
  behind_by: { criterion: string; difference: number }[];
  /** The smallest change of all weights that makes the two level; null where none does. */
  swap: {
    weights: number[];
    changes: WeightChange[];
    /** Whether going any further swaps them; the one behind may be able to draw level but never to overtake. */
    can_overtake: boolean;
  } | null;
  /** One weight alone, the others giving way in proportion. */
  single: WeightChange | null;
  /** Every such change that makes them level, the smallest first. */
  singles: WeightChange[];
  sentence: Text;
}

export interface Methods {
  methods: string[];
  /** How many places count as leading. */
  top: number;
  /** The rank of each site under each of `methods`. */
  sites: { i: number; id: string; ranks: (number | null)[] }[];
  /** Ids of the sites that lead under every method. */
  leaders: string[];
  /** Sites that lead under some methods and not under others, and why. */
  parts: { i: number; id: string; sentence: Text }[];
  /** Kendall's τ-b of each two methods. */
  agreement: { a: string; b: string; tau: number | null }[];
}

/** Something that is not known of a site: the value of a criterion, or the answer of an exclusion. */
export interface Fact {
  i: number;
  id: string;
  criterion: string | null;
  exclusion: string | null;
  /** What all missing facts of the site together allow; a rank of null is none at all. */
  score_low: number;
  score_high: number;
  rank_low: number | null;
  rank_high: number | null;
  in_words: Text;
}

export interface Unknowns {
  facts: Fact[];
}

export type RouteStatus = "known" | "unreachable" | "off_network" | "unknown";

/** The way to the nearest service of a kind. */
export interface Route {
  criterion: string | null;
  /** Kind of service. */
  service: string;
  /** What people call the kind. */
  label: Text;
  mode: string;
  /** Return period in years of the flood that cuts the roads; null on dry roads. */
  cut: number | null;
  status: RouteStatus;
  minutes: number | null;
  metres: number | null;
  to: { id: string; name: Text | null; lon: number; lat: number } | null;
  line: GeoJSON.LineString | GeoJSON.MultiLineString | null;
}

/** How deep a site stands under water at one return period, of river and rain the worse. */
export interface FloodDepth {
  return_period: number;
  /** Of the part that is known, metres; null where nothing is. */
  mean: number | null;
  max: number | null;
  deeper_share: number | null;
  known_share: number;
  /** Where the mean depth of the whole site may lie. */
  lowest: number | null;
  highest: number | null;
}

export interface Flood {
  depths: FloodDepth[];
  /** Mean depth expected in a year, metres; null where it is not exactly known. */
  annual_depth: number | null;
  /** The depth from which `deeper_share` counts. */
  limit_m: number;
}

/** A plot drawn by hand, measured and ranked among the sites. */
export interface Drawn {
  site: SiteDetail;
  rank: number | null;
  of: number;
  routes: Route[];
  flood: Flood;
  /** The plot beside the sites that were asked for. */
  comparison?: Comparison;
  warnings: Warning[];
}

/** A plot as it is asked about; null takes what the layers say. */
export interface PlotOnGround {
  polygon: GeoJSON.Polygon;
  tenure: string | null;
  price_usd_m2: number | null;
}

/** How many of the best sites the heat map of ranks holds. */
export const HEAT_SITES = 30;
export const FIRST = 10;
const MOST_FACTS = 20;

const of = (ranking: string) => `/api/rankings/${at(ranking)}`;

export const insight = {
  robustness: (ranking: string, weights: Draws, signal: AbortSignal) =>
    ask<Robustness>(`${of(ranking)}/robustness?weights=${weights}&first=${FIRST}&sites=${HEAT_SITES}`, { signal }),
  compare: (ranking: string, sites: readonly string[], signal: AbortSignal) =>
    ask<Comparison>(`${of(ranking)}/compare?sites=${sites.map(at).join(",")}`, { signal }),
  methods: (ranking: string, signal: AbortSignal) =>
    ask<Methods>(`${of(ranking)}/methods?sites=${HEAT_SITES}`, { signal }),
  unknowns: (ranking: string, signal: AbortSignal) =>
    ask<Unknowns>(`${of(ranking)}/unknowns?limit=${MOST_FACTS}`, { signal }),
  routes: (ranking: string, site: string, signal: AbortSignal) =>
    ask<{ routes: Route[] }>(`${of(ranking)}/sites/${at(site)}/routes`, { signal }).then(({ routes }) => routes),
  flood: (ranking: string, site: string, signal: AbortSignal) =>
    ask<Flood>(`${of(ranking)}/sites/${at(site)}/flood`, { signal }),
  /** `compare`: sites of the ranking to hold the plot against. */
  drawn: (ranking: string, plot: PlotOnGround, signal: AbortSignal, compare: readonly string[] = []) =>
    ask<Drawn>(`${of(ranking)}/drawn`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...plot, ...(compare.length > 0 ? { compare } : {}) }),
      signal,
    }),
};
