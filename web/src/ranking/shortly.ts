/** A measured number as short as a table cell: the number and its unit. */
import type { Formats } from "../i18n/format";
import type { Messages } from "../i18n/en";
import type { Measure } from "../api/types";
import type { Measured } from "./words";

export function shortly(measure: Measure, measured: Measured, { t, f }: { t: Messages; f: Formats }): string {
  const { raw, unit, status, category } = measured;
  if (status === "unreachable") return t.insight.ways.unreachable;
  if (status === "off_network") return t.insight.ways.offNetwork;
  if (category) {
    const tenures: Record<string, string> = t.tenures;
    return measure.kind === "tenure" && Object.hasOwn(tenures, category) ? (tenures[category] ?? category) : category;
  }
  if (raw === null || status === "unknown") return t.insight.compare.unknown;
  switch (unit) {
    case "min":
      return f.minutes(raw);
    case "s":
      return f.minutes(raw / 60);
    case "m":
      return f.depth(raw);
    case "m2":
    case "m²":
      return f.area(raw);
    case "%":
      return f.percent(raw / 100);
  }
  switch (measure.kind) {
    case "land_price":
      return f.price(raw);
    case "capacity":
      return f.households(raw);
    case "zone_share":
      return f.percent(raw);
    default:
      return measure.statistic === "share" || measure.statistic === "deeper_share"
        ? f.percent(raw)
        : f.measured(raw, unit);
  }
}
