import "fake-indexeddb/auto";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { utf8 } from "../core/bytes";
import { uuid4, uuid7 } from "../core/ids";
import type { FieldEvent } from "../fold/event";
import { openDb, type FieldDb } from "../vault/db";
import { fillUp } from "../vault/full-phone";
import { Vault } from "../vault/vault";
import { addWorker } from "../vault/workers";
import { Api, Failed } from "./api";
import { backoff } from "./backoff";
import { handOver } from "./hand-over";
import { pullPage } from "./pull";
import { batch, pushBatch, pushFile } from "./push";
import { Sync } from "./sync.svelte";

const LIMITS = { events: 500, events_bytes: 1 << 24, piece_bytes: 1 << 22 };
const now = () => Date.parse("2026-11-20T03:10:00Z");
const TIME = "2026-11-20T03:10:05Z";

let db: FieldDb;
let vault: Vault;

beforeEach(async () => {
  db = await openDb();
  for (const store of db.objectStoreNames) await db.clear(store);
  const { worker, key } = await addWorker(db, "Illustrative Worker", "402917", 1000);
  vault = new Vault(db, worker.id, key);
});

async function recorded(count = 1): Promise<FieldEvent[]> {
  const events = Array.from({ length: count }, (_, n): FieldEvent => ({
    id: uuid7(now() + n),
    household: uuid4(),
    kind: "surveyed",
    after: [],
    happened_on: "2026-11-20",
    recorded_at: new Date(now() + n).toISOString(),
  }));
  for (const event of events) await vault.record({ events: [{ event, text: JSON.stringify(event) }] });
  return events;
}

/** A server of one answer. */
function answering(answer: (path: string, init: RequestInit) => Response | Promise<Response>): Api {
  return new Api("token", (input, init) => Promise.resolve(answer(String(input), init ?? {})));
}

const json = (body: unknown, status = 200) => Response.json(body, { status });
const failing = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "nothing",
    (cause: unknown) => (cause instanceof Failed ? cause.trouble : String(cause)),
  );

describe("sending events", () => {
  it("takes out of the queue what has its own receipt, and nothing else", async () => {
    const [one, two, three] = await recorded(3);
    const api = answering(() =>
      json({
        receipts: [
          { id: one?.id, status: "stored", seq: 1 },
          {
            id: three?.id,
            status: "quarantined",
            code: "form_unknown",
            message: "The server does not know this form.",
          },
          { id: uuid7(now()), status: "stored" },
          { id: null, status: "quarantined" },
          { id: two?.id, status: "who knows" },
        ],
        server_time: TIME,
      }),
    );
    const pushed = await pushBatch(api, vault, LIMITS, now);
    expect(pushed?.ids).toEqual([one?.id, three?.id]);
    expect((await vault.queue()).map(({ id }) => id)).toEqual([two?.id]);
    expect((await vault.household(three?.household ?? ""))?.receipts).toEqual({
      [three?.id ?? ""]: {
        status: "quarantined",
        at: TIME,
        code: "form_unknown",
        message: "The server does not know this form.",
      },
    });
  });

  it.each([
    [
      "a page of HTML with status 200",
      () => new Response("<html>Sign in</html>", { headers: { "content-type": "text/html" } }),
    ],
    ["HTML that says it is JSON", () => new Response("<html>", { headers: { "content-type": "application/json" } })],
    ["JSON of something else", () => json({ ok: true })],
    ["an empty list of receipts", () => json({ receipts: [], server_time: TIME })],
    ["a redirect", () => new Response(null, { status: 302, headers: { location: "http://portal.example/" } })],
    ["a server that is being restarted", () => new Response("bad gateway", { status: 502 })],
    ["no network", () => Promise.reject(new TypeError("Failed to fetch"))],
    ["a phone that was revoked", () => json({ error: { code: "device_revoked", message: "" } }, 403)],
  ])("keeps everything after %s", async (_, answer) => {
    const events = await recorded(2);
    expect(await failing(pushBatch(answering(answer), vault, LIMITS, now))).not.toBe("nothing");
    expect((await vault.queue()).map(({ id }) => id)).toEqual(events.map(({ id }) => id));
  });

  it("tells a Wi-Fi's own page from no network, and a revoked phone from both", async () => {
    await recorded();
    const html = () => new Response("<html>", { headers: { "content-type": "text/html" } });
    expect(await failing(pushBatch(answering(html), vault, LIMITS, now))).toBe("portal");
    expect(
      await failing(
        pushBatch(
          answering(() => Promise.reject(new TypeError())),
          vault,
          LIMITS,
          now,
        ),
      ),
    ).toBe("offline");
    const revoked = () => json({ error: { code: "device_revoked", message: "" } }, 403);
    expect(await failing(pushBatch(answering(revoked), vault, LIMITS, now))).toBe("revoked");
  });

  it("sends each event letter by letter, with the phone's time", async () => {
    const [event] = await recorded();
    let sent = "";
    const api = answering((_, { body }) => {
      sent = String(body);
      return json({ receipts: [{ id: event?.id, status: "duplicate" }], server_time: TIME });
    });
    await pushBatch(api, vault, LIMITS, now);
    expect(sent).toBe(`{"events":[${JSON.stringify(event)}],"device_time":"2026-11-20T03:10:00.000Z"}`);
    expect(await pushBatch(api, vault, LIMITS, now)).toBeNull();
  });

  it("fits batches into what the server takes", () => {
    const queue = Array.from({ length: 700 }, (_, n) => ({ id: String(n), at: n, text: "x" }));
    expect(batch(queue, LIMITS)).toHaveLength(500);
    const large = queue.slice(0, 3).map((one) => ({ ...one, text: "x".repeat(100_000) }));
    expect(batch(large, LIMITS)).toHaveLength(1);
    expect(batch(large.slice(0, 1), { ...LIMITS, events_bytes: 10 })).toHaveLength(1);
  });
});

describe("sending a file", () => {
  const bytes = utf8("x".repeat(700_000));
  const hash = createHash("sha256").update(bytes).digest("hex");
  const tus = (status: number, offset: number) =>
    new Response(null, { status, headers: { "tus-resumable": "1.0.0", "upload-offset": String(offset) } });

  /** A server of tus that breaks off at the requests that are named. */
  function server(breaks: number[]) {
    let here = -1;
    let asked = 0;
    const api = answering((path, { method, body }) => {
      expect(path).toBe(`/api/field/files/${hash}`);
      if (breaks.includes(asked++)) throw new TypeError("Failed to fetch");
      if (method === "HEAD")
        return here < 0
          ? new Response(null, { status: 404, headers: { "content-type": "application/json" } })
          : tus(200, here);
      if (method === "POST") return tus(201, (here = 0));
      return tus(204, (here += (body as Uint8Array).length));
    });
    return { api, asked: () => asked, here: () => here };
  }

  async function kept(): Promise<void> {
    const [event] = await recorded();
    if (event)
      await vault.record({ events: [{ event, text: JSON.stringify(event) }], files: [{ sha256: hash, bytes }] });
  }

  it("goes on where it broke off, and leaves the phone at the end", async () => {
    await kept();
    const line = server([3]);
    expect(await failing(pushFile(line.api, vault, hash, LIMITS))).toBe("offline");
    expect(line.here()).toBe(256 * 1024);
    expect(await vault.files()).toHaveLength(1);
    await pushFile(line.api, vault, hash, LIMITS);
    expect(line.here()).toBe(bytes.length);
    expect(await vault.files()).toEqual([]);
    // Beginning takes two requests and the first piece one; the broken one; then the state and two pieces.
    expect(line.asked()).toBe(7);
  });

  it("is not sent by a page of HTML", async () => {
    await kept();
    const html = answering(() => new Response("<html>", { headers: { "content-type": "text/html" } }));
    expect(await failing(pushFile(html, vault, hash, LIMITS))).toBe("portal");
    expect(await vault.files()).toHaveLength(1);
  });
});

describe("taking changes", () => {
  it("keeps events and where to ask next together", async () => {
    const [own] = await recorded();
    const other: FieldEvent = {
      ...(own as FieldEvent),
      id: uuid7(now() + 9),
      kind: "verified",
      after: [own?.id ?? ""],
    };
    const api = answering((path) => {
      expect(path).toBe("/api/field/changes?after=0&limit=500");
      return json({ events: [other], households_to_forget: [], next: 12, more: false, server_time: TIME });
    });
    const pulled = await pullPage(api, vault, 2000);
    expect(pulled.households).toEqual([own?.household]);
    expect((await vault.household(own?.household ?? ""))?.events).toHaveLength(2);
    expect(await vault.thing("cursor")).toBe(12);
  });

  it("takes nothing from another's page", async () => {
    expect(
      await failing(
        pullPage(
          answering(() => json({ events: [] })),
          vault,
          500,
        ),
      ),
    ).toBe("portal");
    expect(await vault.thing("cursor")).toBeNull();
  });
});

describe("a phone that is full", () => {
  it("sends what waits, and says what it cannot take", async () => {
    const [event] = await recorded();
    const api = answering((path) =>
      path === "/api/field/events"
        ? json({ receipts: [{ id: event?.id, status: "stored", seq: 1 }], server_time: TIME })
        : path === "/api/field/setup"
          ? json({ forms: { items: [] }, schedule: { visits: [] }, map_packs: { items: [] }, limits: LIMITS })
          : json({}, 500),
    );
    const nothing = () => Promise.resolve();
    const listener = { contact: nothing, setup: nothing, changed: nothing, done: nothing };
    const sync = new Sync(api, vault, { now }, listener);
    const empty = fillUp();
    await sync.run();
    empty();
    sync.stop();
    expect(sync.trouble).toBe("no_room");
    expect(sync.waiting).toBe(0);
    expect(await vault.countQueue()).toBe(0);
  });
});

describe("what is handed over", () => {
  // The server takes in the same bytes (`crates/store/tests/contract/handed_over.rs`).
  const bytes = readFileSync(new URL("../../../../tests/vectors/hand-over.json", import.meta.url), "utf8");
  const vector = JSON.parse(bytes) as { device: string; events: FieldEvent[] };

  it("is the phone's id, what is known of its clock, and its events as they were made", async () => {
    for (const event of vector.events) await vault.record({ events: [{ event, text: JSON.stringify(event) }] });
    const clocks = { now: Date.parse("2026-11-20T01:10:00Z"), offset: -7_200_000 };
    expect(handOver(vector.device, await vault.queue(), clocks)).toBe(bytes);
  });
});

describe("waiting after a failure", () => {
  it("grows, has an end, and does what the server asks", () => {
    expect(backoff(1, null, 1)).toBe(5000);
    expect(backoff(3, null, 1)).toBe(20_000);
    expect(backoff(3, null, 0)).toBe(10_000);
    expect(backoff(30, null, 1)).toBe(600_000);
    expect(backoff(1, 120, 1)).toBe(120_000);
  });
});
