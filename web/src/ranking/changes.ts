/** Two orders of the sites, and what changes from the one to the other. */
import type { Matrix } from "../api/types";
import type { Order } from "./weighted";

/** A site in both orders; ranks count from 1. */
export interface Change {
  /** Row of the site in the matrix on the screen. */
  i: number;
  /** Rank in the order compared with; 0 where it has none there. */
  then: number;
  /** Rank now; 0 where it has none. */
  now: number;
  /** Places gained; negative where they were lost. */
  gained: number;
}

export interface Changes {
  /** Ranked in both and moved up, the largest step first. */
  gained: Change[];
  lost: Change[];
  /** How many kept their rank. */
  unmoved: number;
  /** Ranked then, not now; and the other way round. */
  newlyOut: Change[];
  newlyIn: Change[];
  /** Among the best ten now, not then; and the other way round. */
  cameIn: Change[];
  wentOut: Change[];
  /** How many of the best ten then are among the best ten now. */
  bestKept: number;
  /** The other rank of each site on the screen: 0 none, null where the other scenario does not have the site. */
  thenOf: (number | null)[];
}

type Other = Pick<Matrix, "rank"> & { sites: Pick<Matrix["sites"], "id"> };
type Here = { sites: Pick<Matrix["sites"], "id"> };

const BEST = 10;

const isBest = (rank: number) => rank > 0 && rank <= BEST;

export function changesBetween(here: Here, order: Pick<Order, "rank">, other: Other): Changes {
  const rowThen = new Map(other.sites.id.map((id, row) => [id, row]));
  const thenOf = here.sites.id.map((id) => {
    const row = rowThen.get(id);
    return row === undefined ? null : (other.rank[row] ?? 0);
  });
  const all = here.sites.id.flatMap((_, i): Change[] => {
    const then = thenOf[i] ?? null;
    const now = order.rank[i] ?? 0;
    return then === null ? [] : [{ i, then, now, gained: then > 0 && now > 0 ? then - now : 0 }];
  });
  // The same step weighs more near the top: equals by the better rank now.
  const bySize = (one: Change, two: Change) => Math.abs(two.gained) - Math.abs(one.gained) || one.now - two.now;
  const ranked = all.filter(({ then, now }) => then > 0 && now > 0);
  return {
    gained: ranked.filter(({ gained }) => gained > 0).sort(bySize),
    lost: ranked.filter(({ gained }) => gained < 0).sort(bySize),
    unmoved: ranked.filter(({ gained }) => gained === 0).length,
    newlyOut: all.filter(({ then, now }) => then > 0 && now === 0).sort((one, two) => one.then - two.then),
    newlyIn: all.filter(({ then, now }) => then === 0 && now > 0).sort((one, two) => one.now - two.now),
    cameIn: all.filter(({ then, now }) => isBest(now) && !isBest(then)).sort((one, two) => one.now - two.now),
    wentOut: all.filter(({ then, now }) => isBest(then) && !isBest(now)).sort((one, two) => one.then - two.then),
    bestKept: all.filter(({ then, now }) => isBest(then) && isBest(now)).length,
    thenOf,
  };
}
