/** Where on the map things can be seen: what lies over it takes room from it. */

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/**
 * The part of a map, free of what covers it, on which a shape of this proportion (width by height) can be drawn largest.
 * Null where next to nothing is free.
 */
export function freeRoom(map: Box, covers: readonly Box[], proportion: number, least = 80): Box | null {
  const over = covers.filter((cover) => overlaps(cover, map));
  // A largest free rectangle touches an edge of the map or of a cover on each of its sides.
  const xs = edges([map.left, map.right, ...over.flatMap(({ left, right }) => [left, right])], map.left, map.right);
  const ys = edges([map.top, map.bottom, ...over.flatMap(({ top, bottom }) => [top, bottom])], map.top, map.bottom);
  let best: { box: Box; size: number } | null = null;
  for (const left of xs)
    for (const right of xs)
      for (const top of ys)
        for (const bottom of ys) {
          if (right - left < least || bottom - top < least) continue;
          const box = { left, top, right, bottom };
          const size = Math.min((right - left) / proportion, bottom - top);
          if (size > (best?.size ?? 0) && !over.some((cover) => overlaps(cover, box))) best = { box, size };
        }
  return best?.box ?? null;
}

const edges = (values: number[], from: number, to: number): number[] => [
  ...new Set(values.map((value) => Math.min(Math.max(value, from), to))),
];

const overlaps = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
