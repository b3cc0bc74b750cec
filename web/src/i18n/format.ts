import type { Messages } from "./en";
import { plainNumber, plainPercent } from "./number";

/** A space that keeps a number and its unit on one line. */
const JOIN = "\u00a0";

export type Formats = ReturnType<typeof formats>;

/** Numbers, units and dates as they are written in a language. */
export function formats(t: Messages) {
  const number = (value: number, digits = 0) => plainNumber(value, digits);
  const withUnit = (shown: string, unit: string) => `${shown}${JOIN}${unit}`;

  return {
    number,
    /** A score or contribution of 0–1 as points of 100. */
    points: (value: number) => plainNumber(value * 100, 1, 1),
    percent: (value: number) => (value > 0 && value < 0.01 ? `<${JOIN}1%` : plainPercent(value)),
    /** A share whose tenths of a per cent matter: where weights swap two sites. */
    share: (value: number) => plainPercent(value, 1),
    area: (squareMetres: number) =>
      squareMetres >= 10_000
        ? withUnit(number(squareMetres / 10_000, 1), t.units.hectares)
        : withUnit(number(Math.round(squareMetres)), t.units.squareMetres),
    length: (metres: number) =>
      metres >= 1000
        ? withUnit(number(metres / 1000, metres >= 100_000 ? 0 : 2), t.units.kilometres)
        : withUnit(number(Math.round(metres)), t.units.metres),
    depth: (metres: number) =>
      metres > 0 && metres < 0.01
        ? `<${JOIN}${withUnit(number(0.01, 2), t.units.metres)}`
        : withUnit(number(metres, 2), t.units.metres),
    minutes: (minutes: number) =>
      minutes > 0 && minutes < 1
        ? `<${JOIN}${withUnit("1", t.units.minutes)}`
        : withUnit(number(Math.round(minutes)), t.units.minutes),
    price: (dollars: number) => withUnit(number(dollars), t.units.perSquareMetre),
    households: (count: number) => t.list.households(count, number(count)),
    measured: (value: number, unit: string) => (unit ? withUnit(number(value, 2), unit) : number(value, 2)),
    /**
     * A day as the server wrote it (ISO 8601); shown as it is when it is no date. Browsers leave Khmer month names out of
     * their language data, so the months are ours.
     */
    date: (written: string | Date) => {
      const when = written instanceof Date ? written : new Date(written);
      return Number.isNaN(when.getTime())
        ? String(written)
        : t.date(String(when.getDate()), when.getMonth(), String(when.getFullYear()));
    },
  };
}
