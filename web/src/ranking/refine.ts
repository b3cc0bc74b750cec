/** Narrows and orders the list of sites by what somebody looks for. The ranking itself stays as it is. */
import type { Matrix } from "../api/types";

export type SortBy = "rank" | "households" | "area" | "name";

export interface Refinement {
  /** Only sites that a limit may yet exclude, or that lack values. */
  toCheck: boolean;
  /** Code of a khan; empty for all. */
  khan: string;
  /** Room for at least so many households. */
  households: number;
  sort: SortBy;
}

export const everything: Refinement = { toCheck: false, khan: "", households: 0, sort: "rank" };

export const isRefined = ({ toCheck, khan, households, sort }: Refinement): boolean =>
  toCheck || khan !== "" || households > 0 || sort !== "rank";

interface Sites {
  sites: Pick<Matrix["sites"], "khan" | "capacity" | "area_m2">;
  excluded: ArrayLike<number>;
  /** Whether something that counts is not known of a site. */
  lacks: (i: number) => boolean;
  /** Order of two sites by their names. */
  byName: (a: number, b: number) => number;
}

/** The rows of the list that are left, in the order that was asked for; equals stay in the order of their rank. */
export function refined(rows: Uint32Array, wish: Refinement, { sites, excluded, lacks, byName }: Sites): Uint32Array {
  if (!isRefined(wish)) return rows;
  const kept = rows.filter(
    (i) =>
      (wish.khan === "" || sites.khan[i] === wish.khan) &&
      (sites.capacity[i] ?? 0) >= wish.households &&
      (!wish.toCheck || excluded[i] === 2 || (excluded[i] !== 1 && lacks(i))),
  );
  const greatest = (values: readonly number[]) => (a: number, b: number) => (values[b] ?? 0) - (values[a] ?? 0);
  switch (wish.sort) {
    case "rank":
      return kept;
    case "households":
      return kept.sort(greatest(sites.capacity));
    case "area":
      return kept.sort(greatest(sites.area_m2));
    case "name":
      return kept.sort(byName);
  }
}
