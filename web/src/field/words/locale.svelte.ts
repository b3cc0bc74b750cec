/** The language of the field app. Khmer first; the other one by a switch that is remembered. */
import { colons } from "../../i18n/marks";
import { plainNumber } from "../../i18n/number";
import { en, type Words } from "./en";
import { km } from "./km";
import type { Words as Text } from "../sync/setup";

export type Lang = "km" | "en";

const MEMORY = "phteah-field.lang";
const words: Record<Lang, Words> = { km, en };
const HOUR_MS = 3_600_000;
/** A space that keeps a number and its unit on one line. */
const JOIN = "\u00a0";

class FieldLocale {
  lang = $state<Lang>("km");
  t = $derived<Words>(words[this.lang]);
  /** Stands between a label and what it labels. */
  colon = $derived(colons[this.lang]);

  start(): void {
    this.set(remembered());
  }

  set(lang: Lang): void {
    this.lang = lang;
    document.documentElement.lang = lang;
    document.title = words[lang].name;
    try {
      localStorage.setItem(MEMORY, lang);
    } catch {
      // A browser that stores nothing still speaks the language until the page is closed.
    }
  }

  turn(): void {
    this.set(this.lang === "km" ? "en" : "km");
  }

  number = (value: number, digits = 0): string => plainNumber(value, digits);

  size = (bytes: number): string =>
    bytes < 1e6
      ? `${plainNumber(Math.ceil(bytes / 1e3))}${JOIN}kB`
      : `${plainNumber(bytes / 1e6, bytes < 1e7 ? 1 : 0)}${JOIN}MB`;

  length = (metres: number): string =>
    metres < 1000
      ? `${plainNumber(Math.round(metres))}${JOIN}${this.lang === "km" ? "ម៉ែត្រ" : "m"}`
      : `${plainNumber(metres / 1000, 1)}${JOIN}${this.lang === "km" ? "គីឡូម៉ែត្រ" : "km"}`;

  /** A day, `2026-11-22`, or a time. */
  date = (when: string | number): string => {
    const at = typeof when === "string" && when.length === 10 ? new Date(`${when}T00:00:00`) : new Date(when);
    if (Number.isNaN(at.getTime())) return String(when);
    return this.t.date(String(at.getDate()), at.getMonth(), String(at.getFullYear()));
  };

  /** The hour of today; for other days the day and the hour. */
  time = (when: string | number, now = Date.now()): string => {
    const at = new Date(when);
    const two = (n: number) => String(n).padStart(2, "0");
    const hour = `${two(at.getHours())}:${two(at.getMinutes())}`;
    return at.toDateString() === new Date(now).toDateString() ? hour : `${this.date(at.getTime())} ${hour}`;
  };

  /** How long something is, in the unit that says most. */
  span = (ms: number): string => {
    const { minutes, hours, days } = this.t.phone.clock;
    const [unit, length] =
      ms < 2 * HOUR_MS ? [minutes, 60_000] : ms < 48 * HOUR_MS ? [hours, HOUR_MS] : [days, 24 * HOUR_MS];
    const count = Math.round(ms / length);
    return unit(count, this.number(count));
  };

  /** Minutes and seconds to wait. */
  wait = (ms: number): string => {
    const seconds = Math.ceil(ms / 1000);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  };

  /** The deployment's own words in the reader's language, or in the other one where that is all there is. */
  say = (text: Text | null | undefined): string => {
    const [first, second] = this.lang === "km" ? [text?.km, text?.en] : [text?.en, text?.km];
    return first || second || "";
  };

  /** A name that stands in two fields. */
  name = (thing: { name?: string | null; name_km?: string | null }): string =>
    this.say({ en: thing.name ?? undefined, km: thing.name_km ?? undefined });
}

function remembered(): Lang {
  try {
    return localStorage.getItem(MEMORY) === "en" ? "en" : "km";
  } catch {
    return "km";
  }
}

export const locale = new FieldLocale();
