/** Illustrative families for the desk: nobody in them exists. */
import { randomBytes, randomUUID } from "node:crypto";

/** A UUID of version 7 of this moment. */
function eventId(at: number): string {
  const bytes = Buffer.concat([Buffer.alloc(6), randomBytes(10)]);
  bytes.writeUIntBE(at, 0, 6);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

const DAY = 86_400_000;
const day = (ago: number) => new Date(Date.now() - ago * DAY).toISOString().slice(0, 10);

export class Story {
  readonly household = randomUUID();
  readonly events: Record<string, unknown>[] = [];
  heads: string[] = [];

  /** Writes an event that happened so many days ago, after all that is there. */
  then(kind: string, ago: number, more: Record<string, unknown> = {}): this {
    this.heads = [this.beside(kind, ago, this.heads, more)];
    return this;
  }

  /** Two answers of people who did not know of one another. */
  torn(kind: string, ago: number, one: Record<string, unknown>, other: Record<string, unknown>): this {
    this.heads = [one, other].map((more) => this.beside(kind, ago, this.heads, more));
    return this;
  }

  private beside(kind: string, ago: number, after: string[], more: Record<string, unknown>): string {
    const at = Date.now() - ago * DAY;
    const id = eventId(at);
    this.events.push({
      id,
      household: this.household,
      kind,
      after,
      happened_on: day(ago),
      recorded_at: `${new Date(at).toISOString().slice(0, 19)}Z`,
      ...more,
    });
    return id;
  }
}

/** A surveyed family; `n` tells it from the others and where it lives. */
export function family(khmer: string, latin: string, n: number, facts: Record<string, unknown> = {}): Story {
  const members = [1988, 1990, 2017, 2023].map((born) => [`members/${randomUUID()}/birth_year`, born]);
  return new Story().then("consent_given", 400 - n, { purposes: ["registration"] }).then("surveyed", 399 - n, {
    facts: {
      "head.name": khmer,
      "head.name_latin": latin,
      "head.sex": n % 2 === 0 ? "female" : "male",
      "dwelling.sangkat": "120101",
      "dwelling.tenure": "no_title",
      "work.minutes": 15 + n,
      size: 4,
      ...Object.fromEntries(members),
      ...facts,
    },
    location: { lon: 104.9 + n / 1000, lat: 11.55 + n / 2000, accuracy_m: 5, method: "gps" },
  });
}

/** Families to walk the desk with: some wait for something, the others for a place. */
export function families(): Story[] {
  const torn = family("ចាន់ បុប្ផា", "Chan Bopha", 1).torn(
    "verified",
    300,
    { facts: { size: 4 } },
    { facts: { size: 5 } },
  );
  const late = family("កែវ តារា", "Keo Dara", 2)
    .then("offered", 200, { site: "earlier-site", decision: "earlier" })
    .then("accepted", 190, { site: "earlier-site" })
    .then("moved", 150, { site: "earlier-site", plot: "A-1" });
  const silent = family("ហេង សុខា", "Heng Sokha", 3).then("referred", 40, { service: "health_centre" });
  const gone = family("លី រចនា", "Ly Rachana", 4)
    .then("moved", 300, { site: "earlier-site", plot: "A-2" })
    .then("visited", 270, { site: "earlier-site", facts: { "outcome.work_kept": true } })
    .then("left", 100, { first_gone: day(120), last_there: day(270), reason: "work" });
  const others = [
    ["សុខ សុភាព", "Sok Sopheap"],
    ["មាស នារី", "Meas Neary"],
    ["ព្រាប វុទ្ធី", "Preap Vuthy"],
    ["ជា កុលាប", "Chea Kolap"],
    ["គឹម វណ្ណា", "Kim Vanna"],
    ["សេង មករា", "Seng Makara"],
  ].map(([khmer = "", latin = ""], i) => family(khmer, latin, 5 + i).then("verified", 380));
  return [torn, late, silent, gone, ...others];
}
