/** The lowest and highest value that a value function can give at all: what an unknown measure leaves open. */
import type { ValueFunction } from "../api/types";

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

function ends(values: number[]): [number, number] {
  const within = values.filter(Number.isFinite).map((value) => Math.min(Math.max(value, 0), 1));
  return within.length > 0 ? [Math.min(...within), Math.max(...within)] : [0, 1];
}
