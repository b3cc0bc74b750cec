/** What a measured number means, in a sentence with its unit. */
import type { Measure, MeasureStatus } from "../api/types";
import type { Formats } from "../i18n/format";
import type { Messages } from "../i18n/en";

export interface Measured {
  raw: number | null;
  category?: string | null;
  unit: string;
  status: MeasureStatus;
  reached_share?: number | null;
  coarse?: boolean;
}

interface Speaker {
  t: Messages;
  f: Formats;
}

/** The sentence for one measure at one site. `label` serves measures that this page has no words for. */
export function inWords(measure: Measure, measured: Measured, label: string, { t, f }: Speaker): string {
  const speaker = { t, f };
  if (measured.status === "unreachable") return unreachable(measure, speaker);
  if (measured.status === "off_network") return t.words.offNetwork;
  if (measured.category) return category(measure, measured.category, label, speaker);
  if (measured.raw === null || measured.status === "unknown") return t.words.unknown;
  const sentence = known(measure, measured.raw, measured.unit, label, speaker);
  if (measured.coarse) return t.words.coarse(sentence);
  const reached = measured.reached_share ?? 1;
  return reached < 1 ? t.words.notAll(sentence, f.percent(1 - reached)) : sentence;
}

function known(measure: Measure, raw: number, unit: string, label: string, speaker: Speaker): string {
  const { t, f } = speaker;
  const w = t.words;
  const journey = (time: string) => [time, modeOf(measure, speaker)].filter(Boolean).join(" ");
  switch (measure.kind) {
    case "flood_depth":
      return floodDepth(measure, raw, unit, speaker);
    case "annual_flood":
      if (raw === 0) return w.annualDry;
      return measure.statistic === "share" ? w.annualShare(shareOf(raw, unit, f)) : w.annualDepth(f.depth(raw));
    case "travel_time": {
      const sentence = w.travel(journey(minutesOf(raw, unit, f)), service(measure, "one", speaker));
      return measure.cut_return_period ? `${sentence} ${w.cut(f.number(measure.cut_return_period))}` : sentence;
    }
    case "services_within": {
      const sentence = w.within(
        f.number(raw),
        service(measure, raw === 1 ? "one" : "many", speaker),
        journey(f.minutes(measure.minutes ?? 0)),
      );
      return measure.cut_return_period ? `${sentence} ${w.cut(f.number(measure.cut_return_period))}` : sentence;
    }
    case "disruption":
      return w.disruption(journey(minutesOf(raw, unit, f)));
    case "zone_share":
      return raw === 0 ? w.noZone : w.zone(shareOf(raw, unit, f));
    case "land_price":
      return w.price(f.price(raw));
    case "cost_per_household":
      return w.cost(`${f.number(raw)} ${t.units.perHousehold}`);
    case "area":
      return w.area(f.area(raw));
    case "capacity":
      return w.capacity(f.households(raw));
    case "compactness":
      return w.compactness(f.number(raw, 2));
    case "slope":
      return w.slope(f.measured(raw, unit));
    default:
      return `${label}${t.colon} ${f.measured(raw, unit)}`;
  }
}

function floodDepth(measure: Measure, raw: number, unit: string, { t, f }: Speaker): string {
  const flood = t.words.flood(f.number(measure.return_period ?? 0));
  if (measure.statistic === "deeper_share") {
    return t.words.deeperShare(shareOf(raw, unit, f), f.depth(measure.deeper_than_m ?? 0), flood);
  }
  if (raw === 0) return t.words.dry(flood);
  return measure.statistic === "max" ? t.words.depthMax(f.depth(raw), flood) : t.words.depthMean(f.depth(raw), flood);
}

function category(measure: Measure, name: string, label: string, { t }: Speaker): string {
  if (measure.kind !== "tenure") return `${label}${t.colon} ${name}`;
  return t.words.tenure(pick(t.tenures, name) ?? name);
}

function unreachable(measure: Measure, speaker: Speaker): string {
  if (!measure.service) return speaker.t.words.unreachableSettlements;
  return speaker.t.words.unreachable(service(measure, "one", speaker), modeOf(measure, speaker));
}

function service(measure: Measure, number: "one" | "many", { t }: Speaker): string {
  const kind = measure.service ?? "";
  return pick(t.services, kind)?.[number] ?? kind.replaceAll("_", " ");
}

function modeOf(measure: Measure, { t }: Speaker): string {
  return pick(t.modes, measure.mode ?? "") ?? measure.mode ?? "";
}

/** A deployment may use names that the interface has no words for: those are shown as they are. */
function pick<T>(words: Record<string, T>, name: string): T | undefined {
  return Object.hasOwn(words, name) ? words[name] : undefined;
}

/** The unit comes with the number, so seconds are read as rightly as minutes. */
function minutesOf(raw: number, unit: string, f: Formats): string {
  return f.minutes(unit === "s" ? raw / 60 : raw);
}

function shareOf(raw: number, unit: string, f: Formats): string {
  return f.percent(unit === "%" ? raw / 100 : raw);
}
