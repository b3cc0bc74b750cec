/** The handles of a value function: what a hand, the arrow keys or a typed number can move, and what follows. */
import type { ValueFunction } from "../api/types";
import { NINE_TENTHS, tidy, tidyWorth, turningPoints, type Point } from "./value-function";

export type Role = "worst" | "best" | "point" | "below" | "step" | "a" | "b" | "c" | "d" | "midpoint" | "nine_tenths";

export interface Handle {
  /** Names it within its function: `points.1`, `worst`. */
  key: string;
  role: Role;
  raw: number;
  worth: number;
  /** Whether it moves along the axis of raw numbers, and of worths. */
  along: boolean;
  up: boolean;
  /** Where the server would say that something is wrong with it, below `criterion[n].value`. */
  field: string;
}

export function handlesOf(value: ValueFunction): Handle[] {
  switch (value.kind) {
    case "linear":
      return [fixed("worst", value.worst, 0), fixed("best", value.best, 1)];
    case "trapezoid":
      return [fixed("a", value.a, 0), fixed("b", value.b, 1), fixed("c", value.c, 1), fixed("d", value.d, 0)];
    case "logistic": {
      const nine = (value.midpoint ?? Number.NaN) + NINE_TENTHS / (value.slope ?? Number.NaN);
      return [fixed("midpoint", value.midpoint, 0.5), { ...fixed("nine_tenths", nine, 0.9), field: ".slope" }];
    }
    case "piecewise":
      return (value.points ?? []).map((point, n) => free("points", "point", point, n));
    case "step": {
      const steps = (value.steps ?? []).map((point, n) => free("steps", "step", point, n));
      // What counts below the first step has no raw number; its handle stands left of the first step.
      const below: Handle = {
        key: "below",
        role: "below",
        raw: Number.NaN,
        worth: value.below ?? Number.NaN,
        along: false,
        up: true,
        field: ".below",
      };
      return [below, ...steps];
    }
    default:
      return [];
  }
}

function fixed(role: Role, raw: number | undefined, worth: number): Handle {
  return { key: role, role, raw: raw ?? Number.NaN, worth, along: true, up: false, field: `.${role}` };
}

function free(list: "points" | "steps", role: Role, [raw, worth]: Point, n: number): Handle {
  return { key: `${list}.${n}`, role, raw, worth, along: true, up: true, field: `.${list}[${n}]` };
}

/** The function after a handle was typed to stand at `raw` and `worth`: exactly so, even where the server will refuse it. */
export function typed(value: ValueFunction, key: string, raw: number, worth: number): ValueFunction {
  if (key === "nine_tenths") return { ...value, slope: NINE_TENTHS / (raw - (value.midpoint ?? 0)) };
  if (key === "midpoint") return { ...value, midpoint: raw };
  if (key === "below") return { ...value, below: worth };
  const [list, place] = key.split(".");
  if (place === undefined) return { ...value, [key]: raw };
  const points = (list === "steps" ? value.steps : value.points) ?? [];
  return { ...value, [list as string]: points.map((point, n): Point => (n === Number(place) ? [raw, worth] : point)) };
}

/**
 * The function after a handle was dragged: it stops beside its neighbours, so that a drag never makes a function that
 * cannot be. `span` is the length of the axis, whose steps the handle keeps to.
 */
export function dragged(value: ValueFunction, key: string, raw: number, worth: number, span: number): ValueFunction {
  const handles = handlesOf(value);
  const handle = handles.find((one) => one.key === key);
  if (!handle) return value;
  const gap = tidyGap(span);
  const to = handle.along ? tidy(raw, span) : handle.raw;
  return typed(value, key, held(value, handle, handles, to, gap), handle.up ? tidyWorth(worth) : handle.worth);
}

function tidyGap(span: number): number {
  return span / 200;
}

function held(value: ValueFunction, handle: Handle, handles: Handle[], raw: number, gap: number): number {
  switch (value.kind) {
    case "linear":
    case "logistic": {
      // These two may pass each other, which turns the function round, but not meet.
      const other = handles.find((one) => one.key !== handle.key)?.raw ?? Number.NaN;
      if (handle.role === "midpoint") return raw;
      if (Math.abs(raw - other) >= gap) return raw;
      return handle.raw < other ? other - gap : other + gap;
    }
    case "trapezoid": {
      const at = handles.indexOf(handle);
      const [before, after] = [handles[at - 1]?.raw ?? -Infinity, handles[at + 1]?.raw ?? Infinity];
      return Math.min(Math.max(raw, before), after);
    }
    default: {
      const line = handles.filter(({ along }) => along);
      const at = line.indexOf(handle);
      const [before, after] = [line[at - 1]?.raw ?? -Infinity, line[at + 1]?.raw ?? Infinity];
      return Math.min(Math.max(raw, before + gap), after - gap);
    }
  }
}

/** With one more point or step, in the widest gap between two (or beside the only one). */
export function withPoint(value: ValueFunction, [low, high]: [number, number]): ValueFunction {
  const list = value.kind === "step" ? "steps" : "points";
  const points = value[list] ?? [];
  const ends: Point[] =
    value.kind === "step"
      ? [
          [low, value.below ?? 0],
          ...points,
          [Math.max(high, (points.at(-1)?.[0] ?? low) * 1.1), points.at(-1)?.[1] ?? 1],
        ]
      : points;
  let widest = 0;
  for (let n = 1; n + 1 < ends.length; n += 1) if (gapAfter(ends, n) > gapAfter(ends, widest)) widest = n;
  const [left, right] = [ends[widest], ends[widest + 1]];
  if (!left || !right) return value;
  const between: Point = [tidy((left[0] + right[0]) / 2, gapAfter(ends, widest)), tidyWorth((left[1] + right[1]) / 2)];
  return { ...value, [list]: [...points, between].sort((one, other) => one[0] - other[0]) };
}

function gapAfter(points: Point[], n: number): number {
  return (points[n + 1]?.[0] ?? Number.NaN) - (points[n]?.[0] ?? Number.NaN);
}

/** Whether a point can go: a curve keeps two, steps keep one. */
export function canLose(value: ValueFunction): boolean {
  return value.kind === "step" ? (value.steps?.length ?? 0) > 1 : (value.points?.length ?? 0) > 2;
}

export function withoutPoint(value: ValueFunction, key: string): ValueFunction {
  const [list, place] = key.split(".");
  if (place === undefined || !canLose(value)) return value;
  const points = (list === "steps" ? value.steps : value.points) ?? [];
  return { ...value, [list as string]: points.filter((_, n) => n !== Number(place)) };
}

/** From the lowest to the highest raw number to draw: where sites are and where the function turns, with air on both sides. */
export function axisOf(value: ValueFunction, raws: readonly (number | null)[], unit: string): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const [raw] of turningPoints(value)) {
    if (!Number.isFinite(raw)) continue;
    low = Math.min(low, raw);
    high = Math.max(high, raw);
  }
  const known = raws.filter((raw) => raw !== null).sort((one, other) => one - other);
  // The farthest site in a hundred would otherwise squeeze all others into a corner.
  const [near, far] = [known[0], known[Math.floor(known.length * 0.99)]];
  if (near !== undefined && far !== undefined) {
    low = Math.min(low, near);
    high = Math.max(high, far);
  }
  if (!(low <= high)) [low, high] = [0, 1];
  const air = (high - low) * 0.08 || 1;
  const lowest = low >= 0 ? Math.max(0, low - air) : low - air;
  const highest = unit === "share" && high <= 1 ? Math.min(1, high + air) : high + air;
  return [lowest, highest];
}

/** How many sites lie in each of `bins` equal parts of the axis. */
export function histogram(raws: readonly (number | null)[], [low, high]: [number, number], bins: number): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const raw of raws) {
    if (raw === null || raw < low || raw > high) continue;
    const bin = Math.min(bins - 1, Math.floor(((raw - low) / (high - low)) * bins));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

/** Four to seven round numbers along the axis. */
export function ticksOf([low, high]: [number, number]): number[] {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((digit) => digit * power >= rough * 0.999) ?? 10) * power;
  const ticks: number[] = [];
  for (let n = Math.ceil(low / step); n * step <= high + step * 1e-9; n += 1) {
    ticks.push(Number((n * step).toPrecision(12)));
  }
  return ticks;
}
