/** When to send and to take, and what is said about it. */
import type { Clock } from "../core/clock";
import type { Vault } from "../vault/vault";
import { NoRoom } from "../vault/room";
import { Failed, type Api, type Trouble } from "./api";
import { backoff } from "./backoff";
import { pullPage } from "./pull";
import { pushBatch, pushFile } from "./push";
import { takeSetup, type Setup } from "./setup";

export type Phase = "idle" | "sending" | "files" | "taking";

/** What the rest of the app has to know. */
export interface Listener {
  contact(serverTime: string, elapsed: number): Promise<void>;
  setup(setup: Setup): Promise<void>;
  changed(households: readonly string[]): Promise<void>;
  /** Everything was sent and taken. */
  done(): Promise<void>;
}

const REST_MS = 300_000;
/** The office is drawing the area's map: it will be there in a moment. */
const DRAWING_MS = 20_000;
const SOON_MS = 300;
/** What a first push may send before the setup has said how much. */
const LIMITS = { events: 500, events_bytes: 1 << 20, changes: 500, file_bytes: 20 << 20, piece_bytes: 256 * 1024 };

export class Sync {
  phase = $state<Phase>("idle");
  trouble = $state<Trouble | null>(null);
  /** The server's own words on why it refused. */
  words = $state("");
  /** Since when nothing came through. */
  since = $state<number | null>(null);
  /** When everything was last sent and taken, by the phone's clock. */
  last = $state<number | null>(null);
  /** Events without a receipt. */
  waiting = $state(0);
  /** Photos and sound that the office has not. */
  files = $state(0);
  /** Ids of the events that are on their way. */
  sending = $state.raw<readonly string[]>([]);
  /** Households taken so far. */
  taken = $state(0);

  #running: Promise<void> | null = null;
  #again = false;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #stopped = false;
  #drawn = true;

  constructor(
    private readonly api: Api,
    private readonly vault: Vault,
    private readonly clock: Clock,
    private readonly listener: Listener,
  ) {}

  /** Counts what waits; to be called after something was recorded. */
  async count(): Promise<void> {
    const [events, files] = await Promise.all([this.vault.countQueue(), this.vault.files()]);
    this.waiting = events;
    this.files = files.length;
  }

  /** Soon, once: several records in a row go together. */
  soon(): void {
    this.#failures = 0;
    this.#after(SOON_MS);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  #after(ms: number): void {
    if (this.#timer) clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(() => void this.run(), ms);
  }

  /** Sends and takes everything; a second call while one is running makes it go round once more. */
  run(): Promise<void> {
    if (this.#running) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#rounds().finally(() => {
      this.#running = null;
      this.phase = "idle";
      this.sending = [];
    });
    return this.#running;
  }

  async #rounds(): Promise<void> {
    try {
      do {
        this.#again = false;
        await this.#round();
      } while (this.#again && !this.#stopped);
      this.trouble = null;
      this.words = "";
      this.since = null;
      this.last = this.clock.now();
      this.#failures = 0;
      this.#after(this.#drawn ? REST_MS : DRAWING_MS);
    } catch (cause) {
      // The worker has locked the phone in the middle of it.
      if (this.#stopped) return;
      this.#failures += 1;
      const after = cause instanceof Failed ? cause.after : null;
      // Whatever it was: it is tried again.
      this.#after(backoff(this.#failures, after, Math.random()));
      if (cause instanceof NoRoom) this.#failed("no_room", "");
      else if (cause instanceof Failed) this.#failed(cause.trouble, cause.message);
      else throw cause;
      await this.count();
    }
  }

  #failed(trouble: Trouble, words: string): void {
    this.trouble = trouble;
    this.words = words;
    this.since ??= this.clock.now();
  }

  async #round(): Promise<void> {
    this.phase = "sending";
    const kept = await this.vault.thing<{ setup: Setup }>("setup");
    const limits = kept?.setup.limits ?? LIMITS;
    const now = () => this.clock.now();
    for (;;) {
      const pushed = await pushBatch(this.api, this.vault, limits, now, (ids) => (this.sending = ids));
      if (!pushed || this.#stopped) break;
      this.sending = [];
      await this.count();
      await this.listener.contact(pushed.server_time, pushed.elapsed);
    }
    this.phase = "files";
    for (const { sha256 } of await this.vault.files()) {
      if (this.#stopped) return;
      await pushFile(this.api, this.vault, sha256, limits);
      await this.count();
    }
    this.phase = "taking";
    const setup = await takeSetup(this.api, this.vault);
    this.#drawn = setup.map_packs.being_made !== true;
    await this.listener.setup(setup);
    for (let more = true; more && !this.#stopped;) {
      // Something was recorded meanwhile: it goes first.
      if ((await this.vault.countQueue()) > 0) {
        this.#again = true;
        return;
      }
      const page = await pullPage(this.api, this.vault, setup.limits.changes);
      this.taken += page.households.length;
      await this.listener.contact(page.server_time, page.elapsed);
      await this.listener.changed(page.households);
      more = page.more;
    }
    await this.listener.done();
  }
}
