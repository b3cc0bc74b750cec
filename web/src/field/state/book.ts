/** The households of a worker, folded: what lists and the map show, and one household in full when it is opened. */
import type { FieldEvent } from "../fold/event";
import { toHousehold } from "../fold/event";
import { grouped } from "../core/grouped";
import { foldAll, tiedTo } from "../fold/records";
import type { Known, State } from "../fold/state";
import { summaryOf, type Summary } from "../core/summary";
import type { Setup } from "../sync/setup";
import type { HouseholdRecord, Receipt, Vault } from "../vault/vault";

/** What opening the app starts from: everything that was folded up to a count of writes. */
interface Index {
  rev: number;
  /** What the summaries were made with. */
  by: string;
  summaries: Summary[];
  ties: [string, string[]][];
}

/** One household in full. */
export interface Detail {
  state: State;
  receipts: Record<string, Receipt>;
  /** What was recorded on this phone and has no receipt yet. */
  waiting: ReadonlySet<string>;
}

const INDEX = "index";
/** Changes when summaries are made otherwise. */
const MADE = 3;

export class Book {
  /** By id. Replaced, never changed. */
  summaries: ReadonlyMap<string, Summary> = new Map();
  readonly #ties = new Map<string, Set<string>>();
  #rev = -1;
  #setup: Setup | null;

  constructor(
    private readonly vault: Vault,
    setup: Setup | null,
    private readonly changed: () => void = () => undefined,
  ) {
    this.#setup = setup;
  }

  get #by(): string {
    return `${MADE} ${this.#setup?.schedule.version ?? ""} ${this.#setup?.sites?.version ?? ""}`;
  }

  async load(): Promise<void> {
    const index = await this.vault.thing<Index>(INDEX);
    if (index?.by === this.#by) {
      this.#rev = index.rev;
      this.summaries = new Map(index.summaries.map((summary) => [summary.id, summary]));
      for (const [one, others] of index.ties) this.#ties.set(one, new Set(others));
    }
    await this.#catchUp();
  }

  /** After another setup: visits or sites may be others. */
  async use(setup: Setup): Promise<void> {
    const before = this.#by;
    this.#setup = setup;
    if (this.#by === before) return;
    this.#rev = -1;
    await this.#catchUp();
  }

  /** Folds what was written since. */
  async #catchUp(): Promise<void> {
    const changed = await this.vault.householdsSince(this.#rev);
    if (changed.length === 0) return;
    const records = new Map(changed.map(({ id, record }) => [id, record]));
    await this.#fold(records);
    this.#rev = Math.max(this.#rev, ...changed.map(({ rev }) => rev));
    await this.save();
  }

  /** Folds households again; one that is gone leaves. */
  async refresh(households: readonly string[]): Promise<void> {
    const records = new Map<string, HouseholdRecord>();
    const gone: string[] = [];
    for (const id of new Set(households)) {
      const record = await this.vault.household(id);
      if (record) records.set(id, record);
      else gone.push(id);
    }
    await this.#fold(records, gone);
  }

  /** Keeps the summaries, so that the next start folds only what comes after. */
  async save(): Promise<void> {
    const since = await this.vault.householdsSince(this.#rev);
    this.#rev = Math.max(this.#rev, ...since.map(({ rev }) => rev));
    const ties = [...this.#ties].map(([one, others]): [string, string[]] => [one, [...others]]);
    const summaries = [...this.summaries.values()];
    await this.vault.putSpare(INDEX, { rev: this.#rev, by: this.#by, summaries, ties } satisfies Index);
  }

  async #fold(records: Map<string, HouseholdRecord>, gone: string[] = []): Promise<void> {
    for (const { events } of records.values()) for (const text of events) this.#tie(JSON.parse(text) as FieldEvent);
    const wanted = new Set([...records.keys()].flatMap((id) => [...tiedTo(id, this.#ties)]));
    const known: Known[] = [];
    for (const id of wanted) {
      const record = records.get(id) ?? (await this.vault.household(id));
      known.push(...knownIn(record));
    }
    const events = known.map(({ event }) => event);
    const byHousehold = grouped(events, ({ household }) => household);
    const next = new Map(this.summaries);
    for (const id of gone) next.delete(id);
    for (const [id, state] of foldAll(known)) {
      const own = state.records.length > 1 ? events : (byHousehold.get(id) ?? []);
      // The answer of a task is about a place: it waits on the phone as events do, and is no household.
      if (own.every(({ kind }) => kind === "task_answered")) continue;
      if (this.#setup) next.set(id, summaryOf(state, this.#setup.schedule, this.#siteAt));
    }
    this.summaries = next;
    this.changed();
  }

  #tie(event: FieldEvent): void {
    const to = toHousehold(event);
    if (to === null) return;
    for (const [one, other] of [
      [event.household, to],
      [to, event.household],
    ] as const) {
      this.#ties.set(one, (this.#ties.get(one) ?? new Set()).add(other));
    }
  }

  #siteAt = (id: string): { lon: number; lat: number } | null => {
    const site = this.#setup?.sites?.items.find((one) => one.id === id);
    return site ? { lon: site.lon, lat: site.lat } : null;
  };

  /** A household with all its events, or null where the phone has none of it. */
  async open(id: string): Promise<Detail | null> {
    const known: Known[] = [];
    const receipts: Record<string, Receipt> = {};
    for (const record of tiedTo(id, this.#ties)) {
      const kept = await this.vault.household(record);
      known.push(...knownIn(kept));
      Object.assign(receipts, kept?.receipts);
    }
    const state = foldAll(known).get(id);
    const waiting = new Set(await this.vault.queueIds());
    return state ? { state, receipts, waiting } : null;
  }
}

/** The events of a record, and who recorded them as far as that is known. */
const knownIn = (record: HouseholdRecord | null): Known[] =>
  (record?.events ?? []).map((text) => {
    const event = JSON.parse(text) as FieldEvent;
    const author = record?.authors?.[event.id];
    return { event, ...(author === undefined ? {} : { author }) };
  });
