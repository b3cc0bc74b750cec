import { describe, expect, it } from "vitest";
import vectors from "../../../crates/planning/tests/shared/order.json";
import type { Criterion, Matrix, Scenario } from "../api/types";
import { normalised } from "./shares";
import { ruleOf } from "./rule";
import { board, rank, unknownShare } from "./weighted";

type Cell = number | string | number[] | null;

/** As the server sends them: what cannot be reached is worth nothing, and of bounds stands what another rule counted. */
function column(cells: Cell[]): { value: (number | null)[]; bounds: Matrix["bounds"][number] } {
  const value = cells.map((cell) => (typeof cell === "string" ? 0 : Array.isArray(cell) ? (cell[0] ?? 0) : cell));
  const bounds = cells.flatMap((cell, row): [number, number, number][] =>
    Array.isArray(cell) ? [[row, cell[0] ?? 0, cell[1] ?? 0]] : [],
  );
  return { value, bounds };
}

const linear: Criterion["value"] = { kind: "linear", worst: 0, best: 1 };
const criteria: Pick<Criterion, "measure" | "value">[] = [
  { measure: { kind: "area" }, value: linear },
  {
    measure: { kind: "travel_time", service: "market", mode: "walk" },
    value: { kind: "piecewise", points: [[0.2, 0.2], [1, 1]] }, // prettier-ignore
  },
  { measure: { kind: "slope" }, value: linear },
  { measure: { kind: "compactness" }, value: linear },
];

describe("the rule of order", () => {
  it.each(vectors.cases)("orders as the server does: $order", (expected) => {
    const columns = (vectors.value as Cell[][]).map(column);
    const matrix = {
      value: columns.map(({ value }) => value),
      bounds: columns.map(({ bounds }) => bounds),
      excluded: (expected.excluded ?? vectors.ids.map(() => 0)) as Matrix["excluded"],
      without_layer: vectors.without_layer,
      sites: { id: vectors.ids },
    };
    const rule = ruleOf({ order: expected.order as Scenario["order"] });
    const shares = normalised(vectors.weights);
    const made = board(matrix, criteria, rule);
    const order = rank(made, shares);
    expect([...order.rank].map((its) => its || null)).toEqual(expected.rank);
    expect([...order.order].map((i) => vectors.ids[i])).toEqual(expected.order_of_ids);
    const out = matrix.excluded.filter((its) => its === 1).length;
    expect(order.apart).toBe(expected.rank.filter((its) => its === null).length - out);
    const undecided = expected.rank.filter((its, i) => its !== null && matrix.excluded[i] === 2).length;
    expect(order.behind).toBe(rule.by === "lowest" ? undecided : 0);
    for (const [i, score] of expected.score.entries()) {
      expect(unknownShare(made, shares, i)).toBeCloseTo(expected.unknown_share[i] ?? 0, 11);
      if (score !== null) expect(order.score[i]).toBeCloseTo(score, 11);
    }
  });
});
