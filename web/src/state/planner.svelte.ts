/** What the planner works on: the deployment, its ranking, and the weights as they stand in the browser. */
import { api, Refused } from "../api/client";
import type { ApiProblem, Criterion, Deployment, Layer, Matrix, Ranking, Scenario } from "../api/types";
import { normalised, withShare } from "../ranking/shares";
import { stopsOf } from "../ranking/stops";
import { board, bounds, rank, type Board, type Order } from "../ranking/weighted";
import { connection } from "./connection.svelte";
import { Places } from "./places.svelte";

export type Phase = "loading" | "ranking" | "ready" | "empty" | "unranked" | "broken";
export type Confirmation = "confirmed" | "waiting";

/** Long enough that a drag is over, short enough that nobody waits for it. */
const CONFIRM_AFTER_MS = 500;
const BEST = 10;

class Planner {
  phase = $state<Phase>("loading");
  problem = $state.raw<ApiProblem | null>(null);
  deployment = $state.raw<Deployment | null>(null);
  layers = $state.raw<Layer[]>([]);
  ranking = $state.raw<Ranking | null>(null);
  matrix = $state.raw<Matrix | null>(null);
  shares = $state.raw<number[]>([]);
  locked = $state.raw<boolean[]>([]);
  confirmation = $state<Confirmation>("waiting");
  /** Row of the open site. */
  chosen = $state<number | null>(null);
  pointed = $state<number | null>(null);
  places = new Places();

  /** Id of the ranking whose tiles the map shows: another weighting of the same sites needs no other tiles. */
  tiles = $state<string | null>(null);
  /** In the order of the matrix, whose columns they are. Their weights are those first asked for: see `shares`. */
  criteria = $state.raw<Criterion[]>([]);
  #board = $derived<Board | null>(this.matrix && board(this.matrix, this.criteria));
  order = $derived<Order | null>(this.#board && rank(this.#board, this.shares));
  /** What an unknown value counts, by criterion: the middle of what it may be. */
  middles = $derived<number[]>(this.#board?.open.map(([low, high]) => (low + high) / 2) ?? []);
  /** Scores at the stops of the colour ramp. */
  stops = $derived<number[]>(this.order ? stopsOf(this.order) : []);
  best = $derived<number[]>(this.order ? [...this.order.order.subarray(0, Math.min(BEST, this.order.ranked))] : []);

  #scenario: Scenario | null = null;
  /** The scenario of the ranking in `tiles`. */
  #drawn: Scenario | null = null;
  #reviving: Promise<void> | null = null;
  #asked: Map<string, number> | null = null;
  #given: number[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #flight: AbortController | null = null;

  /** Whether anything shown was generated for demonstration. */
  get illustrative(): boolean {
    return (
      (this.deployment?.illustrative ?? false) ||
      (this.ranking?.illustrative ?? false) ||
      this.layers.some((layer) => layer.illustrative)
    );
  }

  get reweighted(): boolean {
    return this.shares.some((share, n) => Math.abs(share - (this.#given[n] ?? 0)) > 5e-4);
  }

  /** Loads what the map needs; the ranking follows by {@link loadRanking}. */
  async start(weights: Map<string, number> | null): Promise<void> {
    this.#asked = weights;
    try {
      const [deployment, layers] = await connection.steadily(() => Promise.all([api.deployment(), api.layers()]));
      this.deployment = deployment;
      this.layers = layers;
      this.phase = layers.length === 0 ? "empty" : "ranking";
    } catch (cause) {
      this.#failed("broken", cause);
    }
  }

  async loadRanking(): Promise<void> {
    this.phase = "ranking";
    this.problem = null;
    try {
      await connection.steadily(async () => {
        this.#scenario ??= await this.#firstScenario();
        this.#given = normalised(this.#scenario.criterion.map(({ weight }) => weight));
        this.#drawn = this.#withAskedWeights(this.#scenario);
        const ranking = await api.rank(this.#drawn);
        this.#take(ranking, await api.matrix(ranking.id));
      });
    } catch (cause) {
      this.#failed("unranked", cause);
    }
  }

  async #firstScenario(): Promise<Scenario> {
    const scenarios = await api.scenarios();
    const first = scenarios.find(({ name }) => name === "default") ?? scenarios[0];
    if (!first) {
      throw new Refused(404, { code: "no_scenario", message: "This deployment has no scenario to rank by." });
    }
    return api.scenario(first.name);
  }

  #withAskedWeights(scenario: Scenario): Scenario {
    const asked = this.#asked;
    // A link made for other criteria says nothing about these.
    if (!asked || !scenario.criterion.every(({ id }) => asked.has(id))) return scenario;
    if (!scenario.criterion.some(({ id }) => (asked.get(id) ?? 0) > 0)) return scenario;
    return { ...scenario, criterion: scenario.criterion.map((c) => ({ ...c, weight: asked.get(c.id) ?? 0 })) };
  }

  #take(ranking: Ranking, matrix: Matrix): void {
    const weight = new Map(ranking.criteria.map((criterion) => [criterion.id, criterion.weight]));
    const byId = new Map(ranking.criteria.map((criterion) => [criterion.id, criterion]));
    const open = this.chosen === null ? undefined : this.matrix?.sites.id[this.chosen];
    this.ranking = ranking;
    this.criteria = matrix.criteria.flatMap((id) => byId.get(id) ?? []);
    this.matrix = matrix;
    this.chosen = open === undefined ? null : this.rowOf(open);
    this.shares = normalised(matrix.criteria.map((id) => weight.get(id) ?? 0));
    this.locked = this.shares.map(() => false);
    this.tiles = ranking.id;
    this.confirmation = "confirmed";
    this.phase = "ready";
    void this.places.learn(ranking.id, matrix);
  }

  #failed(phase: Phase, cause: unknown): void {
    this.phase = phase;
    this.problem =
      cause instanceof Refused
        ? cause.problem
        : { code: "page_error", message: cause instanceof Error ? cause.message : String(cause) };
  }

  setShare(n: number, share: number): void {
    this.#reweigh(withShare(this.shares, this.locked, n, share));
  }

  toggleLock(n: number): void {
    this.locked = this.locked.map((locked, i) => (i === n ? !locked : locked));
  }

  resetWeights(): void {
    this.#reweigh(this.#given);
  }

  #reweigh(shares: number[]): void {
    this.shares = shares;
    this.confirmation = "waiting";
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#confirm(), CONFIRM_AFTER_MS);
  }

  /** Asks the server to rank by the weights as they stand; newer weights overtake older answers. */
  async #confirm(): Promise<void> {
    if (!this.#scenario || !this.matrix) return;
    this.#flight?.abort();
    const flight = (this.#flight = new AbortController());
    const share = new Map(this.matrix.criteria.map((id, n) => [id, this.shares[n] ?? 0]));
    const criterion = this.#scenario.criterion.map((c) => ({ ...c, weight: share.get(c.id) ?? 0 }));
    const scenario = { ...this.#scenario, criterion };
    try {
      const ranking = await connection.steadily(() => api.rank(scenario, flight.signal));
      if (flight.signal.aborted) return;
      this.ranking = ranking;
      this.confirmation = "confirmed";
      this.problem = null;
    } catch (cause) {
      if (flight.signal.aborted) return;
      this.problem = cause instanceof Refused ? cause.problem : { code: "page_error", message: String(cause) };
    }
  }

  /**
   * Does `work` on a ranking, and does it again when the server had forgotten the ranking: after a restart, or because
   * many others came after it.
   */
  async remembered<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await connection.steadily(work);
    } catch (cause) {
      if (!(cause instanceof Refused) || cause.problem.code !== "no_such_ranking") throw cause;
      await this.revive();
      return connection.steadily(work);
    }
  }

  /** The lowest and highest score of a site, as far as the browser knows. */
  boundsOf(i: number): { lowest: number; highest: number } {
    return this.#board ? bounds(this.#board, this.shares, i) : { lowest: 0, highest: 0 };
  }

  /** Has the server make the ranking of the map again, and the one by the present weights. */
  revive(): Promise<void> {
    this.#reviving ??= this.#revive().finally(() => (this.#reviving = null));
    return this.#reviving;
  }

  async #revive(): Promise<void> {
    const drawn = this.#drawn;
    if (!drawn || !this.matrix) return;
    try {
      const ranking = await connection.steadily(() => api.rank(drawn));
      // Another id means other layers: what was on the map is no longer what the server measures.
      if (ranking.id !== this.tiles) this.#take(ranking, await api.matrix(ranking.id));
      else if (this.ranking?.id !== ranking.id) await this.#confirm();
    } catch (cause) {
      this.#failed("unranked", cause);
    }
  }

  /** Shares by criterion in per mille, for the address; null while they are the scenario's own. */
  get asLink(): Map<string, number> | null {
    if (!this.matrix || !this.reweighted) return null;
    return new Map(this.matrix.criteria.map((id, n) => [id, Math.round((this.shares[n] ?? 0) * 1000)]));
  }

  rowOf(site: string): number | null {
    const row = this.matrix?.sites.id.indexOf(site) ?? -1;
    return row >= 0 ? row : null;
  }
}

export const planner = new Planner();
