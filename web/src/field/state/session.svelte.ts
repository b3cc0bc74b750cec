/** A worker at work: everything that is open once the PIN has opened it. Locking drops it all. */
import {
  aheadBy,
  isOver,
  MAX_OFFSET_MS,
  moment,
  offsetOf,
  renewed,
  today,
  type Clock,
  type Lease,
  type Measured,
} from "../core/clock";
import { uuid7 } from "../core/ids";
import type { Summary } from "../core/summary";
import type { Draft } from "../forms/draft";
import type { FormItem, Purpose } from "../forms/mapping";
import type { FieldEvent, Place, Value } from "../fold/event";
import { Api } from "../sync/api";
import type { Setup, Task } from "../sync/setup";
import { Sync } from "../sync/sync.svelte";
import type { Vault } from "../vault/vault";
import { Book, type Detail } from "./book";

/** What enrolling gave. */
export interface Account {
  token: string;
  device: string;
  worker: string;
  team: string;
}

/** What was learned about the clock and the lease. */
interface Times extends Measured {
  lease: Lease;
}

export interface NewEvent {
  household: string;
  kind: string;
  after: string[];
  facts?: Record<string, Value>;
  location?: Place | null;
  more?: Record<string, Value>;
}

const RECENT = 12;

export class Session {
  account: Account;
  setup = $state.raw<Setup | null>(null);
  tasks = $state.raw<Task[]>([]);
  times = $state.raw<Times>({ lease: { until: 0, length: 0, seen: 0 }, offset: 0, at: 0 });
  drafts = $state.raw<{ id: string; draft: Draft }[]>([]);
  recent = $state.raw<string[]>([]);
  /** Counts what changed in the book: who reads a household again follows it. */
  changes = $state(0);
  now = $state(0);
  /** The last write found no room on the phone. */
  isFull = $state(false);
  /** Households that may be shown. */
  readonly summaries: Summary[] = $derived.by(() =>
    this.changes >= 0 && !this.isOver && !this.isRevoked ? [...this.book.summaries.values()] : [],
  );
  readonly book: Book;
  readonly sync: Sync;
  readonly api: Api;
  #saving: ReturnType<typeof setTimeout> | null = null;

  private constructor(
    readonly vault: Vault,
    private readonly clock: Clock,
    account: Account,
    setup: Setup | null,
  ) {
    this.account = account;
    this.setup = setup;
    this.api = new Api(account.token);
    this.book = new Book(vault, setup, () => (this.changes += 1));
    this.sync = new Sync(this.api, vault, clock, {
      contact: (server, elapsed) => this.#contact(server, elapsed),
      setup: (next) => this.#useSetup(next),
      changed: (households) => this.book.refresh(households),
      done: () => this.#done(),
    });
    this.now = clock.now();
    vault.onroom = (isThere) => (this.isFull = !isThere);
  }

  static async open(vault: Vault, clock: Clock): Promise<Session> {
    const [account, setup, times] = await Promise.all([
      vault.thing<Account>("account"),
      vault.thing<{ setup: Setup }>("setup"),
      vault.thing<Omit<Times, "at"> & Partial<Measured>>("times"),
    ]);
    if (!account) throw new Error("This worker was never enrolled on this phone.");
    const session = new Session(vault, clock, account, setup?.setup ?? null);
    // Earlier versions did not keep when they had measured.
    if (times) session.times = { ...times, at: times.at ?? times.lease.seen + times.offset };
    await session.book.load();
    session.tasks = (await vault.thing<Task[]>("tasks")) ?? [];
    session.recent = (await vault.thing<string[]>("recent")) ?? [];
    session.drafts = await vault.drafts<Draft>();
    await session.sync.count();
    return session;
  }

  /** Begins to send and take, now and then. */
  begin(): void {
    this.sync.soon();
  }

  stop(): void {
    this.sync.stop();
    if (this.#saving) clearTimeout(this.#saving);
  }

  /** Once a minute: what is due may have changed, and the lease may be over. */
  tick(): void {
    this.now = this.clock.now();
  }

  /** How far the phone's clock is ahead of the right time, as far as can be told. */
  get ahead(): number {
    return aheadBy(this.now, this.times);
  }

  /** Today, by the right time: what is due does not follow a wrong clock. */
  get today(): string {
    return today(this.now - this.ahead);
  }

  /** Whether the phone may show nothing old until it has been in contact. */
  get isOver(): boolean {
    return isOver(this.times.lease, this.now, this.ahead);
  }

  get isRevoked(): boolean {
    return this.sync.trouble === "revoked";
  }

  /** By how much the clock is wrong in milliseconds, where it is worth saying; negative where it is slow. */
  get clockWrong(): number | null {
    return Math.abs(this.ahead) > MAX_OFFSET_MS ? this.ahead : null;
  }

  /** The phone's clock, and by how much it is ahead of the server's as last measured. */
  clocks(): { now: number; offset: number } {
    return { now: this.clock.now(), offset: this.times.offset };
  }

  async open(id: string): Promise<Detail | null> {
    if (this.isOver || this.isRevoked) return null;
    if (this.recent[0] !== id) {
      this.recent = [id, ...this.recent.filter((one) => one !== id)].slice(0, RECENT);
      void this.vault.putSpare("recent", this.recent);
    }
    return this.book.open(id);
  }

  forms(purpose: Purpose): FormItem[] {
    return this.setup?.forms.items.filter((form) => form.purpose === purpose) ?? [];
  }

  /** Keeps an event that was made without a form. */
  async note({ household, kind, after, facts, location, more }: NewEvent): Promise<void> {
    const now = this.clock.now();
    const right = now - aheadBy(now, this.times);
    const event: FieldEvent = {
      id: uuid7(right),
      household,
      kind,
      after: [...after].sort(),
      happened_on: today(right),
      recorded_at: moment(now),
      ...(facts ? { facts } : {}),
      ...(location ? { location } : {}),
      ...more,
    };
    await this.keep([{ event, text: JSON.stringify(event) }]);
  }

  /** Keeps events of a household, sealed and on the disk, and sends them when they can be sent. */
  async keep(events: { event: FieldEvent; text: string }[], draft?: string): Promise<void> {
    await this.vault.record({ events, ...(draft === undefined ? {} : { draft }) });
    await this.book.refresh(events.map(({ event }) => event.household));
    await this.#leaveOut(events.flatMap(({ event }) => (event.kind === "task_answered" ? [event.household] : [])));
    if (draft !== undefined) this.drafts = this.drafts.filter(({ id }) => id !== draft);
    await this.sync.count();
    this.#saveSoon();
    this.sync.soon();
  }

  async putDraft(id: string, draft: Draft): Promise<void> {
    await this.vault.putDraft(id, draft);
    this.drafts = [...this.drafts.filter((one) => one.id !== id), { id, draft }];
  }

  async dropDraft(id: string): Promise<void> {
    await this.vault.dropDraft(id);
    this.drafts = this.drafts.filter((one) => one.id !== id);
  }

  /** The summaries are written some seconds later: saving one household waits for none of the others. */
  #saveSoon(): void {
    if (this.#saving) clearTimeout(this.#saving);
    this.#saving = setTimeout(() => void this.book.save(), 3000);
  }

  async #contact(server: string, elapsed: number): Promise<void> {
    const offset = offsetOf(this.clock.now(), server, elapsed);
    this.times = { offset, at: this.clock.now(), lease: renewed(this.times.lease, Date.parse(server)) };
    this.now = this.clock.now();
    await this.vault.putSpare("times", this.times);
  }

  async #useSetup(setup: Setup): Promise<void> {
    this.setup = setup;
    await this.book.use(setup);
    await this.#takeTasks();
  }

  /** Tasks that were just answered are not asked again, also without contact. */
  async #leaveOut(answered: readonly string[]): Promise<void> {
    if (answered.length === 0) return;
    this.tasks = this.tasks.filter(({ id }) => !answered.includes(id));
    await this.vault.putThing("tasks", this.tasks);
  }

  /** Tasks are asked for apart: a server that has none says so by 404. */
  async #takeTasks(): Promise<void> {
    const { response } = await this.api.ask("/api/field/tasks");
    if (!response.ok) return;
    const body = (await response.json().catch(() => null)) as { tasks?: Task[] } | null;
    if (!Array.isArray(body?.tasks)) return;
    this.tasks = body.tasks;
    await this.vault.putSpare("tasks", body.tasks);
  }

  async #done(): Promise<void> {
    await this.sync.count();
    await this.book.save();
  }
}

/** What a new lease is, as enrolling told it. */
export function firstTimes(leaseUntil: string, serverTime: string, now: number, elapsed: number): Times {
  const server = Date.parse(serverTime);
  const until = Date.parse(leaseUntil);
  const offset = offsetOf(now, serverTime, elapsed);
  return { lease: { until, length: until - server, seen: server }, offset, at: now };
}
