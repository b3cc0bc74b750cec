/** The order as the server states it: for methods whose scores the browser cannot add up. */
import type { Matrix } from "../api/types";
import { LOWEST, type Rule } from "./rule";
import type { Order } from "./weighted";

type Stated = Pick<Matrix, "rank" | "score" | "excluded"> & { sites: Pick<Matrix["sites"], "id"> };

/** The one method that the browser computes itself, so that a dragged weight re-ranks without the server. */
export const WEIGHTED_SUM = "weighted-sum";

const EXCLUDED = 1;
const UNDECIDED = 2;

export function stated(matrix: Stated, rule: Rule = LOWEST): Order {
  const { rank, score, excluded, sites } = matrix;
  const size = rank.length;
  // By rank, then those of which too little is known, then the excluded; equals by id.
  const place = (i: number) => rank[i] ?? (excluded[i] === EXCLUDED ? Infinity : Number.MAX_SAFE_INTEGER);
  const byId = (a: number, b: number) => ((sites.id[a] ?? "") < (sites.id[b] ?? "") ? -1 : 1);
  const order = Uint32Array.from({ length: size }, (_, i) => i).sort((a, b) => {
    const [one, other] = [place(a), place(b)];
    return one === other ? byId(a, b) : one - other;
  });
  return {
    order,
    ranked: rank.reduce<number>((count, its) => (its === null ? count : count + 1), 0),
    behind:
      rule.by === "lowest"
        ? rank.reduce<number>((count, its, i) => (its !== null && excluded[i] === UNDECIDED ? count + 1 : count), 0)
        : 0,
    rank: Uint32Array.from(rank, (its) => its ?? 0),
    apart: rank.reduce<number>((count, its, i) => (its === null && excluded[i] !== EXCLUDED ? count + 1 : count), 0),
    score: Float64Array.from(score, (its) => its ?? 0),
  };
}
