/** The lowest and highest value that a value function can give at all: what an unknown measure leaves open. */
import type { Measure, ValueFunction } from "../api/types";

export function wholeRange(value: ValueFunction | null | undefined): [low: number, high: number] {
  switch (value?.kind) {
    case "piecewise":
      return ends((value.points ?? []).map(([, worth]) => worth));
    case "step":
      return ends([value.below ?? 0, ...(value.steps ?? []).map(([, worth]) => worth)]);
    case "table":
      return ends(Object.values(value.values ?? {}));
    default:
      return [0, 1];
  }
}

/** Taken along roads: there may be no way at all, which is worth nothing whatever the function. */
const ALONG_ROADS = ["travel_time", "disruption", "services_within"];

/** The lowest and highest value that an unknown measure may turn out to have. */
export function openRange(value: ValueFunction | null | undefined, measure: Measure | undefined): [number, number] {
  const [low, high] = wholeRange(value);
  return [measure && ALONG_ROADS.includes(measure.kind) ? 0 : low, high];
}

function ends(values: number[]): [number, number] {
  const within = values.filter(Number.isFinite).map((value) => Math.min(Math.max(value, 0), 1));
  return within.length > 0 ? [Math.min(...within), Math.max(...within)] : [0, 1];
}
