/** How deep water comes, in plain words: on a body everybody knows. */
import type { components } from "../api/generated";

type Flood = components["schemas"]["Flood"];
export type Level = "dry" | "ankle" | "knee" | "waist" | "chest" | "over";

/** Depths in metres up to which water reaches, for a grown person of 1.55 m. */
const REACHES: readonly [number, Level][] = [
  [0.05, "dry"],
  [0.2, "ankle"],
  [0.6, "knee"],
  [1.1, "waist"],
  [1.5, "chest"],
];

export function levelOf(metres: number): Level {
  return REACHES.find(([most]) => metres < most)?.[1] ?? "over";
}

export interface Water {
  years: number;
  metres: number;
  level: Level;
}

/**
 * What a sheet tells: the most frequent flood that wets the site and the rarest one; a dry site by its rarest known flood.
 * Null where no depth is known at all. What is known of a part alone counts as the deepest that it may be.
 */
export function waterOf(flood: Flood | null | undefined): Water[] | null {
  const known = (flood?.depths ?? []).flatMap((depth): Water[] => {
    const metres = depth.highest ?? depth.mean;
    return metres === null || metres === undefined
      ? []
      : [{ years: depth.return_period, metres, level: levelOf(metres) }];
  });
  if (known.length === 0) return null;
  const wet = known.filter((one) => one.level !== "dry");
  const rarest = known[known.length - 1];
  if (wet.length === 0) return rarest ? [rarest] : null;
  const [often, last] = [wet[0], wet[wet.length - 1]];
  return often && last ? (often.years === last.years ? [often] : [often, last]) : null;
}
