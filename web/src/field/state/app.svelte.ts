/** The app: which of its states it is in, who is at work, what is on the screen. */
import { phoneClock, type Clock } from "../core/clock";
import { enrolCode, forgetCode } from "../core/enrol-code";
import { Api, Failed } from "../sync/api";
import type { FieldDb } from "../vault/db";
import { openDb } from "../vault/db";
import { browserMarks, wasEvicted } from "../vault/evicted";
import { Vault } from "../vault/vault";
import { addWorker, unlock, workers, type Worker } from "../vault/workers";
import { remembered } from "./map-view";
import { firstTimes, Session, type Account } from "./session.svelte";
import type { PlaceTo } from "./screens";

export type Stage = "starting" | "cannot" | "elsewhere" | "evicted" | "enrol" | "locked" | "first" | "open";

/** Minutes without touch after which the app locks itself. */
const LOCK_MS = 5 * 60_000;
const LOCK_NAME = "phteah-field";

interface Enrolled {
  token: string;
  device: string;
  worker: { id: string; name: string };
  team: { id: string; name: string };
  lease_until: string;
  server_time: string;
}

/** An enrolment that still lacks a PIN. */
export interface Pending {
  answer: Enrolled;
  elapsed: number;
}

export class App {
  stage = $state<Stage>("starting");
  session = $state.raw<Session | null>(null);
  workers = $state.raw<Worker[]>([]);
  pending = $state.raw<Pending | null>(null);
  /** The screens that lie on one another; the last one is seen. */
  stack = $state.raw<PlaceTo[]>([{ screen: "map" }]);
  updateWaits = $state(false);
  /** The enrolment code of the link that was opened last. */
  link = $state("");
  #db: FieldDb | null = null;
  #touched = 0;

  constructor(readonly clock: Clock = phoneClock) {}

  get db(): FieldDb {
    if (!this.#db) throw new Error("The database is not open yet.");
    return this.#db;
  }

  get at(): PlaceTo {
    return this.stack.at(-1) ?? { screen: "map" };
  }

  async start(): Promise<void> {
    if (!isSecureContext || !("indexedDB" in globalThis) || !crypto.subtle || !navigator.locks) {
      this.stage = "cannot";
      return;
    }
    // One page at a time: two that send the same queue would be in each other's way.
    const alone = await this.#takeLock({ ifAvailable: true });
    if (!alone) {
      this.stage = "elsewhere";
      return;
    }
    await this.#begin();
  }

  /** Takes over from another tab, which then says that it was left. */
  async takeOver(): Promise<void> {
    await this.#takeLock({ steal: true });
    await this.#begin();
  }

  #takeLock(options: LockOptions): Promise<boolean> {
    return new Promise((done) => {
      navigator.locks
        .request(LOCK_NAME, options, (lock) => {
          done(lock !== null);
          // Held until the page is closed, or another one takes it.
          return lock === null ? undefined : new Promise<never>(() => undefined);
        })
        .catch(() => {
          this.lock();
          this.stage = "elsewhere";
        });
    });
  }

  async #begin(): Promise<void> {
    try {
      this.#db = await openDb();
      await this.#db.count("workers");
    } catch {
      this.stage = "cannot";
      return;
    }
    if (await wasEvicted(this.db, browserMarks)) {
      this.stage = "evicted";
      return;
    }
    this.workers = await workers(this.db);
    this.link = enrolCode();
    this.stage = this.workers.length === 0 || this.link !== "" ? "enrol" : "locked";
  }

  /** A link was opened in the tab in which the app is open already: what is begun stays, and is found again after unlocking. */
  linked(): void {
    const code = enrolCode();
    if (code === "" || this.pending) return;
    this.link = code;
    if (this.stage === "open" || this.stage === "first" || this.stage === "locked") this.addAnother();
  }

  /** Whoever was told that records are gone begins anew. */
  async beginAnew(): Promise<void> {
    await browserMarks.write(0);
    this.stage = "enrol";
  }

  addAnother(): void {
    this.lock();
    this.stage = "enrol";
  }

  /** Exchanges a code for this phone's token. */
  async enrol(code: string, phone: string): Promise<void> {
    const body = JSON.stringify({ code, device_name: phone });
    const { body: answer, elapsed } = await new Api(null).post<Enrolled>("/api/field/enrol", body);
    if (typeof answer?.token !== "string" || typeof answer.lease_until !== "string") {
      throw new Failed("portal", "Another page answered.");
    }
    this.pending = { answer, elapsed };
    this.link = "";
    forgetCode();
  }

  /** Gives the enrolled worker a PIN, and opens their records. */
  async choosePin(pin: string): Promise<void> {
    if (!this.pending) return;
    const { answer, elapsed } = this.pending;
    const { worker, key } = await addWorker(this.db, answer.worker.name, pin);
    const vault = new Vault(this.db, worker.id, key);
    const account: Account = {
      token: answer.token,
      device: answer.device,
      worker: answer.worker.name,
      team: answer.team.name,
    };
    await vault.putThing("times", firstTimes(answer.lease_until, answer.server_time, this.clock.now(), elapsed));
    await vault.putThing("account", account);
    this.pending = null;
    this.workers = await workers(this.db);
    await browserMarks.write(this.workers.length).catch(() => undefined);
    void navigator.storage?.persist?.();
    this.session = await Session.open(vault, this.clock);
    this.#touched = this.clock.now();
    this.stage = "first";
  }

  async unlock(worker: string, pin: string): Promise<void> {
    const key = await unlock(this.db, worker, pin, this.clock);
    this.session = await Session.open(new Vault(this.db, worker, key), this.clock);
    this.stack = [{ screen: "map" }];
    this.#touched = this.clock.now();
    this.stage = "open";
    this.session.begin();
  }

  /** The first setup is done, or put off. */
  ready(): void {
    this.stack = [{ screen: "map" }];
    this.stage = "open";
    this.session?.begin();
  }

  /** Drops the key and everything that it had opened. */
  lock(): void {
    this.session?.stop();
    this.session = null;
    remembered.forget();
    this.stack = [{ screen: "map" }];
    if (this.stage === "open" || this.stage === "first") this.stage = "locked";
  }

  touched(): void {
    this.#touched = this.clock.now();
  }

  /** Now and then: locks where nobody has touched the phone for some minutes. */
  tick(): void {
    if (!this.session) return;
    const still = this.clock.now() - this.#touched;
    if (still > LOCK_MS || still < 0) this.lock();
    else this.session.tick();
  }

  go(to: PlaceTo): void {
    this.stack = [...this.stack, to];
    history.pushState({ depth: this.stack.length }, "");
  }

  /** A part of the app, from its bar: nothing lies below it but the map. */
  turnTo(to: PlaceTo): void {
    this.stack = to.screen === "map" ? [to] : [{ screen: "map" }, to];
    history.replaceState({ depth: this.stack.length }, "");
  }

  /** In place of the screen that is seen. */
  replace(to: PlaceTo): void {
    this.stack = [...this.stack.slice(0, -1), to];
  }

  back(): void {
    if (this.stack.length > 1) this.stack = this.stack.slice(0, -1);
  }
}
