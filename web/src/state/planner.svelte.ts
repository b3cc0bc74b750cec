/** What the planner works on: the deployment, its ranking, and the weights as they stand in the browser. */
import { api, problemOf, Refused } from "../api/client";
import type { ApiProblem, Criterion, Deployment, KeptScenario, Layer, Matrix, Ranking, Scenario } from "../api/types";
import type { SiteDetail, Text } from "../api/types";
import { missing } from "../ranking/missing";
import { ruleOf } from "../ranking/rule";
import { revalued } from "../ranking/revalued";
import { normalised, withShare } from "../ranking/shares";
import { siteName } from "../ranking/site-name";
import { stated, WEIGHTED_SUM } from "../ranking/stated";
import { stopsOf } from "../ranking/stops";
import { alike, differsBeyondWeights, linkedShares, linkedWeights, weighedBy, weightsOf } from "../ranking/weighing";
import { board, bounds, rank, unknownShare, type Board, type Order } from "../ranking/weighted";
import { connection } from "./connection.svelte";
import type { Draft, Snapshot } from "./draft.svelte";
import { Places } from "./places.svelte";

export type Phase = "loading" | "ranking" | "ready" | "empty" | "unranked" | "broken";
/** `refused`: what was entered cannot be ranked by; the map shows the last order that could. */
export type Confirmation = "confirmed" | "waiting" | "refused";

/** Long enough that a drag is over, short enough that nobody waits for it. */
const CONFIRM_AFTER_MS = 500;
const BEST = 10;
/** A server that knows the ranking answers well before. */
const LONGEST_ASKING_MS = 400;

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
  /** The values in `matrix` are the page's own, ahead of those in the tiles. */
  revalued = $state(false);
  /** Row of the open site. */
  chosen = $state<number | null>(null);
  pointed = $state<number | null>(null);
  places = new Places();

  /** Id of the ranking whose tiles the map shows: another weighting of the same sites needs no other tiles. */
  tiles = $state<string | null>(null);
  /** The columns of the matrix. Their weights are those first asked for: see `shares`. */
  criteria = $state.raw<Criterion[]>([]);
  /** What is ranked by, edits included. Its weights are those it came with; as they stand, they are the shares. */
  scenario = $state.raw<Scenario | null>(null);
  #board = $derived<Board | null>(this.matrix && board(this.matrix, this.criteria, ruleOf(this.scenario)));
  /** Whether the browser adds up the scores itself. Other methods only the server knows. */
  summing = $derived((this.ranking?.method ?? WEIGHTED_SUM) === WEIGHTED_SUM);
  order = $derived<Order | null>(
    this.summing
      ? this.#board && rank(this.#board, this.shares)
      : this.matrix && stated(this.matrix, ruleOf(this.scenario)),
  );
  /** What an unknown value counts, by criterion. */
  unknowns = $derived<readonly number[]>(this.#board?.unknowns ?? []);
  /** Scores at the stops of the colour ramp. */
  stops = $derived<number[]>(this.order ? stopsOf(this.order) : []);
  best = $derived<number[]>(this.first(BEST));

  /** Under which name the server keeps the scenario that was chosen. */
  name = $state<string | null>(null);
  /** The scenario of the ranking in `tiles`. */
  #drawn: Scenario | null = null;
  #reviving: Promise<void> | null = null;
  #ground: Promise<[Deployment, Layer[]]> = new Promise(() => undefined);
  #first: Promise<[Ranking, Matrix] | null> = Promise.resolve(null);
  /** What the server keeps, as far as the first map asked. */
  kept: Promise<KeptScenario[]> = Promise.resolve([]);
  #sent!: () => void;
  /** The slowest answer is on its way, or will not be for a while: what keeps the page busy may come now. */
  readonly underWay = new Promise<void>((resolve) => (this.#sent = resolve));
  #asked: Map<string, number> | null = null;
  #draft: Draft | null = null;
  /** What the browser kept of the scenario that is opened; its weights and locks are put on the table with the first answer. */
  #resumed: Snapshot | null = null;
  /** A scenario that was asked for by name and is not there. */
  missing = $state<string | null>(null);
  /** Weights of a link that belong to other criteria. */
  foreignWeights = $state(false);
  #given = $state.raw<number[]>([]);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #flight: AbortController | null = null;

  /** Whether anything shown was generated for demonstration. */
  get illustrative(): boolean {
    return [this.deployment, this.ranking, ...this.layers].some((one) => one?.illustrative ?? false);
  }

  /** The scenario as it was opened or saved last. */
  get opened(): Scenario | null {
    return this.#draft?.base ?? null;
  }

  get reweighted(): boolean {
    return this.shares.some((share, n) => Math.abs(share - (this.#given[n] ?? 0)) > 5e-4);
  }

  /** Asks for all that the first map is made of, before the page is drawn; {@link start} and {@link loadRanking} take it. */
  begin(weights: Map<string, number> | null, scenario: string | null, draft: Draft): void {
    setTimeout(this.#sent, LONGEST_ASKING_MS);
    this.#asked = weights;
    this.#draft = draft;
    this.name = scenario;
    this.#ground = connection.steadily(() => Promise.all([api.deployment(), api.layers()]));
    this.kept = connection.steadily(() => api.scenarios());
    this.#first = this.#ground.then(([, layers]) => (layers.length > 0 ? this.#ask() : null));
    for (const asked of [this.#ground, this.kept, this.#first]) {
      asked.catch(() => {
        // Told by who waits for it.
      });
    }
  }

  /** Loads what the map needs; the ranking follows by {@link loadRanking}. */
  async start(): Promise<void> {
    try {
      const [deployment, layers] = await this.#ground;
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
      const [ranking, matrix] = (await this.#first) ?? (await this.#askAgain());
      const resumed = this.#resumed;
      const refused = resumed !== null && this.#drawn === this.opened && this.#drawn !== resumed.scenario;
      const linked = this.#asked !== null && !this.foreignWeights;
      this.#take(ranking, matrix);
      // The weights of a link come on top of what was kept here: one step back brings that again.
      if (linked) this.#draft?.record("link");
      if (refused) this.restore(resumed);
    } catch (cause) {
      this.#failed("unranked", cause);
    }
    this.#first = Promise.resolve(null);
  }

  /** What a draft is made of, apart from drawn plots; null before the first ranking. */
  snapshot(): Omit<Snapshot, "plots"> | null {
    const { scenario, criteria } = this;
    if (!scenario || criteria.length === 0) return null;
    return {
      scenario,
      shares: Object.fromEntries(criteria.map(({ id }, n) => [id, this.shares[n] ?? 0])),
      locked: criteria.flatMap(({ id }, n) => (this.locked[n] ? [id] : [])),
    };
  }

  /** Puts everything back as it was. */
  restore({ scenario, shares, locked }: Omit<Snapshot, "plots">): void {
    this.#given = weightsOf(this.opened ?? scenario);
    this.shares = normalised(this.criteria.map(({ id }) => shares[id] ?? 0));
    this.locked = this.criteria.map(({ id }) => locked.includes(id));
    if (scenario === this.scenario) this.#confirmSoon();
    else this.#put(scenario);
  }

  #askAgain(): Promise<[Ranking, Matrix]> {
    this.kept = connection.steadily(() => api.scenarios());
    return this.#ask();
  }

  #ask(): Promise<[Ranking, Matrix]> {
    return connection.steadily(async () => {
      this.scenario ??= await this.#firstScenario();
      const resumed = this.#resumed;
      this.#drawn = this.#withAskedWeights(resumed ? weighedBy(resumed) : this.scenario);
      let ranking: Ranking;
      try {
        ranking = await api.rank(this.#drawn);
      } catch (cause) {
        const base = this.opened;
        if (!resumed || !base || !(cause instanceof Refused)) throw cause;
        // A draft with a mistake in it stays on the table; the map shows the scenario as it is kept.
        this.#drawn = base;
        ranking = await api.rank(base);
      }
      const matrix = api.matrix(ranking.id);
      this.#sent();
      return [ranking, await matrix];
    });
  }

  async #firstScenario(): Promise<Scenario> {
    const scenarios = await this.kept;
    const named = (wanted: string | null) => scenarios.find(({ name }) => name === wanted);
    const first = named(this.name) ?? named("default") ?? scenarios[0];
    if (!first) {
      throw new Refused(404, {
        code: "no_such_scenario",
        message: "This deployment has no scenario to rank by.",
      });
    }
    this.missing = this.name !== null && this.name !== first.name ? this.name : null;
    this.name = first.name;
    const { scenario, version } = await api.scenario(first.name);
    const [deployment] = await this.#ground;
    this.#draft?.of(deployment.title.en);
    this.#resumed = (await this.#draft?.open({ name: first.name, scenario, version })) ?? null;
    this.#given = weightsOf(this.opened ?? scenario);
    return this.#resumed?.scenario ?? scenario;
  }

  #withAskedWeights(scenario: Scenario): Scenario {
    const linked = linkedWeights(scenario, this.#asked);
    this.foreignWeights = linked === "foreign";
    if (linked === "same") this.#asked = null;
    return typeof linked === "string" ? scenario : linked;
  }

  #take(ranking: Ranking, matrix: Matrix): void {
    const weight = new Map(ranking.criteria.map((criterion) => [criterion.id, criterion.weight]));
    const byId = new Map(ranking.criteria.map((criterion) => [criterion.id, criterion]));
    const open = this.chosen === null ? undefined : this.matrix?.sites.id[this.chosen];
    const locked = new Set(this.criteria.flatMap(({ id }, n) => (this.locked[n] ? [id] : [])));
    this.ranking = ranking;
    this.criteria = matrix.criteria.flatMap((id) => byId.get(id) ?? []);
    this.matrix = matrix;
    this.chosen = open === undefined ? null : this.rowOf(open);
    this.shares = normalised(matrix.criteria.map((id) => weight.get(id) ?? 0));
    const resumed = this.#resumed;
    this.locked = matrix.criteria.map((id) => locked.has(id) || (resumed?.locked.includes(id) ?? false));
    this.#resumed = null;
    this.tiles = ranking.id;
    this.revalued = false;
    this.confirmation = "confirmed";
    this.phase = "ready";
    this.places.learn(matrix);
  }

  #failed(phase: Phase, cause: unknown): void {
    this.phase = phase;
    this.problem = problemOf(cause);
  }

  setShare(n: number, share: number): void {
    this.#reweigh(withShare(this.shares, this.locked, n, share), `weight ${n}`);
  }

  toggleLock(n: number): void {
    this.locked = this.locked.map((locked, i) => (i === n ? !locked : locked));
    this.#draft?.record(`lock ${n}`);
  }

  resetWeights(): void {
    this.#reweigh(this.#given, "reset");
  }

  /** Weighs by the shares of a link, in per mille; whether they are those of these criteria. */
  weighBy(permille: ReadonlyMap<string, number>): boolean {
    const shares = linkedShares(this.criteria, permille);
    if (!shares) return false;
    if (!alike(shares, this.shares)) this.#reweigh(shares, "link");
    return true;
  }

  /** Weighs as the scenario was opened: a link without weights means its own. */
  weighAsOpened(): void {
    if (this.reweighted) this.#reweigh(this.#given, "link");
  }

  #reweigh(shares: number[], what: string): void {
    if (shares.every((share, n) => share === this.shares[n])) return;
    this.shares = shares;
    this.#draft?.record(what);
    this.#confirmSoon();
  }

  #confirmSoon(): void {
    this.confirmation = "waiting";
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#confirm(), CONFIRM_AFTER_MS);
  }

  /** Ranks by an edited scenario: at once where the browser knows how, and as soon as the server has done it elsewhere. */
  edit(scenario: Scenario, what: string): void {
    this.#put(scenario);
    this.#draft?.record(what);
  }

  #put(scenario: Scenario): void {
    this.scenario = scenario;
    if (this.summing && this.matrix) {
      ({ matrix: this.matrix, criteria: this.criteria } = revalued(this.matrix, this.criteria, scenario));
      this.revalued = true;
    }
    this.#confirmSoon();
  }

  /** Ranks by another scenario: with its own weights, or as the browser kept the work on it. */
  async choose(name: string, opened: Scenario, resumed: Snapshot | null): Promise<void> {
    clearTimeout(this.#timer);
    this.#flight?.abort();
    this.#asked = null;
    this.missing = null;
    this.name = name;
    this.#given = weightsOf(this.opened ?? opened);
    const scenario = resumed?.scenario ?? opened;
    this.#put(scenario);
    clearTimeout(this.#timer);
    const same = this.matrix?.criteria.every((id, n) => scenario.criterion[n]?.id === id) ?? false;
    // Until the server has ranked by other criteria, the panel shows those that are on the map.
    if (same && scenario.criterion.length === this.criteria.length)
      this.shares = resumed ? this.criteria.map(({ id }) => resumed.shares[id] ?? 0) : this.#given;
    this.locked = this.criteria.map(({ id }) => resumed?.locked.includes(id) ?? false);
    this.#resumed = resumed;
    await this.#confirm(resumed ? weighedBy(resumed) : scenario);
    this.#resumed = null;
  }

  /** What is on the table is now kept under this name, in these words. */
  settle(name: string, scenario: Scenario): void {
    this.name = name;
    this.scenario = scenario;
    this.#asked = null;
    this.#given = weightsOf(scenario);
    // A title is part of what is ranked by: the record of the ranking must name the one that is kept.
    this.#confirmSoon();
  }

  /** The scenario with the weights as they stand, as it is ranked by and kept. */
  get present(): Scenario | null {
    const now = this.snapshot();
    return now && this.reweighted ? weighedBy(now) : this.scenario;
  }

  /** Asks the server to rank by everything as it stands; newer edits overtake older answers. */
  async #confirm(asked: Scenario | null = this.present): Promise<void> {
    if (!asked || !this.matrix) return;
    this.#flight?.abort();
    const flight = (this.#flight = new AbortController());
    try {
      const ranking = await connection.steadily(() => api.rank(asked, flight.signal));
      // Another weighting of the sites on the map needs neither their values nor their tiles again.
      const redrawn = !this.#drawn || ranking.method !== WEIGHTED_SUM || differsBeyondWeights(asked, this.#drawn);
      const matrix = redrawn ? await connection.steadily(() => api.matrix(ranking.id)) : null;
      if (flight.signal.aborted) return;
      if (matrix) {
        this.#drawn = asked;
        this.#take(ranking, matrix);
      }
      this.ranking = ranking;
      this.confirmation = "confirmed";
      this.problem = null;
    } catch (cause) {
      if (flight.signal.aborted) return;
      this.confirmation = "refused";
      this.problem = problemOf(cause);
    }
  }

  /** Does `work` on a ranking, and does it again when the server had forgotten the ranking. */
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
    return this.#board && this.summing ? bounds(this.#board, this.shares, i) : { lowest: 0, highest: 0 };
  }

  /** The share of a site's weight of which nothing is known. */
  unknownShareOf(i: number): number {
    return this.#board ? unknownShare(this.#board, this.shares, i) : 0;
  }

  /** Criteria that weigh and of which nothing is known of a site, by falling weight; those without any layer left out. */
  missingOf(i: number): number[] {
    return this.matrix ? missing(this.matrix, this.shares, i) : [];
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

  /** What people call the site of a row. */
  nameOf(i: number): Text | null {
    return this.matrix && siteName(this.matrix, i);
  }

  /** Rows of the best sites, at most so many. */
  first(most: number): number[] {
    return this.order ? [...this.order.order.subarray(0, Math.min(most, this.order.ranked))] : [];
  }

  /** By criterion; null where it is unknown. */
  valuesOf(i: number): (number | null)[] {
    return this.matrix?.value.map((column) => column[i] ?? null) ?? [];
  }

  /** The same of a site that need not be in the matrix. */
  valuesIn(site: SiteDetail): (number | null)[] {
    return this.criteria.map(({ id }) => site.criteria.find((one) => one.id === id)?.value ?? null);
  }

  rowOf(site: string): number | null {
    const row = this.matrix?.sites.id.indexOf(site) ?? -1;
    return row >= 0 ? row : null;
  }
}

export const planner = new Planner();
