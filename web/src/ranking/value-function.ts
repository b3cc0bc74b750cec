/**
 * Value functions in the browser: what a raw number is worth, 0 worst … 1 best. The arithmetic is that of the server,
 * so that an order made here is the order that the server confirms.
 */
import type { Goal, ValueFunction } from "../api/types";
import { atLeast, atMost } from "./tolerance";

export const KINDS = ["linear", "piecewise", "trapezoid", "step", "logistic"] as const;
export type Kind = (typeof KINDS)[number];

export type Point = [raw: number, worth: number];

/** An S-curve reaches nine tenths where its exponent is ln 9. */
export const NINE_TENTHS = Math.log(9);

const limited = (worth: number) => Math.min(Math.max(worth, 0), 1);

/** What `raw` is worth; null for a table of categories, or while a figure of the function is missing. */
export function worth(value: ValueFunction, raw: number): number | null {
  const found = unlimited(value, raw);
  return found === null || Number.isNaN(found) ? null : limited(found);
}

function unlimited(value: ValueFunction, raw: number): number | null {
  switch (value.kind) {
    case "linear":
      return (raw - no(value.worst)) / (no(value.best) - no(value.worst));
    case "piecewise":
      return onCurve(value.points ?? [], raw);
    case "trapezoid":
      return onTrapezoid(no(value.a), no(value.b), no(value.c), no(value.d), raw);
    case "step":
      return value.steps?.findLast(([from]) => atMost(from, raw))?.[1] ?? no(value.below);
    case "logistic":
      return 1 / (1 + Math.exp(-no(value.slope) * (raw - no(value.midpoint))));
    default:
      return null;
  }
}

/** A figure that is not there yet is no number; it spreads to whatever is computed with it. */
function no(figure: number | null | undefined): number {
  return figure ?? Number.NaN;
}

function onCurve(points: Point[], raw: number): number | null {
  const right = points.findIndex(([at]) => at > raw);
  const [before, after] = right < 0 ? [points.at(-1), undefined] : [points[right - 1], points[right]];
  if (!before || !after) return (before ?? after)?.[1] ?? null;
  const [[x0, v0], [x1, v1]] = [before, after];
  const between = v0 + (v1 - v0) * ((raw - x0) / (x1 - x0));
  return Math.min(Math.max(between, Math.min(v0, v1)), Math.max(v0, v1));
}

function onTrapezoid(a: number, b: number, c: number, d: number, raw: number): number {
  if (atLeast(raw, b) && atMost(raw, c)) return 1;
  if (raw <= a || raw >= d) return 0;
  return raw < b ? (raw - a) / (b - a) : (d - raw) / (d - c);
}

/** Whether the server would take it: figures there, points rising, ends that differ, worths within 0–1. */
export function isSound(value: ValueFunction): boolean {
  const numbers = figures(value);
  if (numbers.length === 0 || !numbers.every((number) => Number.isFinite(number))) return false;
  switch (value.kind) {
    case "linear":
      return value.worst !== value.best;
    case "trapezoid": {
      const [a, b, c, d] = [no(value.a), no(value.b), no(value.c), no(value.d)];
      return a <= b && b <= c && c <= d && a < d;
    }
    case "piecewise":
      return (value.points?.length ?? 0) >= 2 && rising(value.points ?? []);
    case "step":
      return (value.steps?.length ?? 0) >= 1 && rising(value.steps ?? []) && isWorth(no(value.below));
    case "logistic":
      return value.slope !== 0;
    case "table":
      return Object.values(value.values ?? {}).every(isWorth);
    default:
      return false;
  }
}

function figures(value: ValueFunction): number[] {
  switch (value.kind) {
    case "linear":
      return [no(value.worst), no(value.best)];
    case "trapezoid":
      return [no(value.a), no(value.b), no(value.c), no(value.d)];
    case "piecewise":
      return (value.points ?? []).flat();
    case "step":
      return [no(value.below), ...(value.steps ?? []).flat()];
    case "logistic":
      return [no(value.midpoint), no(value.slope)];
    default:
      return Object.values(value.values ?? {});
  }
}

function rising(points: Point[]): boolean {
  return points.every(([raw, its], n) => isWorth(its) && (n === 0 || raw > (points[n - 1]?.[0] ?? raw)));
}

function isWorth(worth: number): boolean {
  return worth >= 0 && worth <= 1;
}

/** Which way the function goes; null where it does both, or takes categories. */
export function directionOf(value: ValueFunction): Goal | null {
  switch (value.kind) {
    case "linear":
      return no(value.worst) < no(value.best) ? "max" : "min";
    case "piecewise":
      return directionAlong((value.points ?? []).map(([, its]) => its));
    case "step":
      return directionAlong([no(value.below), ...(value.steps ?? []).map(([, its]) => its)]);
    case "logistic":
      return no(value.slope) > 0 ? "max" : "min";
    default:
      return null;
  }
}

function directionAlong(worths: number[]): Goal | null {
  if (worths.every((its, n) => n === 0 || its >= (worths[n - 1] ?? 0))) return "max";
  return worths.every((its, n) => n === 0 || its <= (worths[n - 1] ?? 0)) ? "min" : null;
}

/** The same figures read the other way round: what was worth most is now worth least. */
export function mirrored(value: ValueFunction): ValueFunction {
  switch (value.kind) {
    case "linear":
      return { kind: "linear", worst: no(value.best), best: no(value.worst) };
    case "piecewise":
      return { kind: "piecewise", points: reversedWorths(value.points ?? []) };
    case "step": {
      const worths = [no(value.below), ...(value.steps ?? []).map(([, its]) => its)].reverse();
      const steps = (value.steps ?? []).map(([raw], n): Point => [raw, worths[n + 1] ?? 0]);
      return { kind: "step", below: worths[0] ?? 0, steps };
    }
    case "logistic":
      return { ...value, slope: -no(value.slope) };
    default:
      return value;
  }
}

function reversedWorths(points: Point[]): Point[] {
  return points.map(([raw], n) => [raw, points[points.length - 1 - n]?.[1] ?? 0]);
}

/** Another kind of function that says about the same: its turning points stand where those of `value` do. */
export function asKind(value: ValueFunction, kind: Kind, [low, high]: [number, number], goal: Goal): ValueFunction {
  if (value.kind === kind) return value;
  const at = (share: number) => tidy(low + (high - low) * share, high - low);
  const turns = turningPoints(value);
  const first = turns[0]?.[0] ?? at(0.1);
  const last = Math.max(turns.at(-1)?.[0] ?? at(0.9), first) === first ? at(0.9) : (turns.at(-1)?.[0] ?? at(0.9));
  const middle = tidy((first + last) / 2, last - first);
  const [left, right] = goal === "max" ? [0, 1] : [1, 0];
  switch (kind) {
    case "linear":
      return goal === "max" ? { kind, worst: first, best: last } : { kind, worst: last, best: first };
    case "piecewise":
      return {
        kind,
        points: [
          [first, left],
          [middle, tidyWorth(worth(value, middle) ?? 0.5)],
          [last, right],
        ],
      };
    case "step":
      return { kind, below: left, steps: [[middle, right]] };
    case "logistic":
      return { kind, midpoint: middle, slope: ((goal === "max" ? 1 : -1) * NINE_TENTHS * 2) / (last - first) };
    case "trapezoid": {
      const third = (last - first) / 3;
      return { kind, a: first, b: tidy(first + third, third), c: tidy(last - third, third), d: last };
    }
  }
}

/** Where a function turns, from left to right, with what it is worth there. */
export function turningPoints(value: ValueFunction): Point[] {
  switch (value.kind) {
    case "linear": {
      const ends: Point[] = [
        [no(value.worst), 0],
        [no(value.best), 1],
      ];
      return ends.sort((one, other) => one[0] - other[0]);
    }
    case "piecewise":
      return value.points ?? [];
    case "trapezoid":
      return [
        [no(value.a), 0],
        [no(value.b), 1],
        [no(value.c), 1],
        [no(value.d), 0],
      ];
    case "step":
      return value.steps ?? [];
    case "logistic": {
      const reach = NINE_TENTHS / no(value.slope);
      const ends: Point[] = [
        [no(value.midpoint) - reach, 0.1],
        [no(value.midpoint) + reach, 0.9],
      ];
      return ends.sort((one, other) => one[0] - other[0]);
    }
    default:
      return [];
  }
}

/** A step that suits hands and eyes on an axis of this length: about a hundredth of it, 1, 2 or 5 of a power of ten. */
export function stepOf(span: number): number {
  if (!(span > 0)) return 1;
  const rough = span / 100;
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5].find((digit) => digit * power >= rough * 0.999) ?? 10) * power;
}

/** `raw` on the grid of {@link stepOf}, free of what binary fractions leave behind. */
export function tidy(raw: number, span: number): number {
  const step = stepOf(span);
  return Number((Math.round(raw / step) * step).toPrecision(12));
}

export function tidyWorth(its: number): number {
  return Math.round(limited(its) * 100) / 100;
}
