/** What the floods mean for a site, said in a few words, and the drawing of depth against return period. */
import type { Flood, FloodDepth } from "../api/insight";
import type { Formats } from "../i18n/format";
import type { Messages } from "../i18n/en";

/** Less than this is a wet foot, and less than any flood model can tell. */
const WET_M = 0.01;

export function floodInWords({ depths, annual_depth }: Flood, { t, f }: { t: Messages; f: Formats }): string {
  const words = t.insight.flood;
  const years = (depth: FloodDepth) => f.number(depth.return_period);
  const known = depths.filter(({ mean }) => mean !== null);
  const [first] = depths;
  const rarest = known.at(-1);
  if (!first) return words.noMaps;
  if (!rarest) return words.unknownAlways;
  const wet = known.findIndex((depth) => (depth.max ?? depth.mean ?? 0) >= WET_M);
  const sentences: string[] = [];
  if (wet < 0) return words.dryAlways(years(rarest));
  const wettest = known[wet] ?? rarest;
  const before = known[wet - 1];
  sentences.push(before ? words.dryUpTo(years(before)) : words.wetFirst(years(wettest)));
  const told = [wettest, ...(rarest === wettest ? [] : [rarest])];
  for (const depth of told) {
    const mean = depth.mean ?? 0;
    sentences.push(words.deep(f.depth(mean), f.depth(depth.max ?? mean), years(depth)));
  }
  if (annual_depth !== null && annual_depth >= WET_M) sentences.push(words.year(f.depth(annual_depth)));
  return sentences.join(" ");
}

/** Steps that people count in. */
const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10];
const MOST_TICKS = 4;

/** Marks on the axis of depths: from 0 to the first round number that holds `deepest`. */
export function depthTicks(deepest: number): number[] {
  const step = STEPS.find((one) => deepest / one <= MOST_TICKS) ?? Math.ceil(deepest / MOST_TICKS);
  const count = Math.max(1, Math.ceil(deepest / step - 1e-9));
  return Array.from({ length: count + 1 }, (_, n) => Math.round(n * step * 100) / 100);
}

/** Position of a return period between the most frequent (0) and the rarest (1), by equal factors. */
export function yearsPosition(years: number, from: number, to: number): number {
  return to > from ? Math.log(years / from) / Math.log(to / from) : 0.5;
}

/** Rasters of one return period may come from river and from rain: each line holds a return period once. */
export function floodLines(depths: readonly FloodDepth[]): FloodDepth[][] {
  const lines: FloodDepth[][] = [];
  for (const depth of depths) {
    const line = lines.find((members) => members.every((other) => other.return_period !== depth.return_period));
    if (line) line.push(depth);
    else lines.push([depth]);
  }
  return lines;
}
