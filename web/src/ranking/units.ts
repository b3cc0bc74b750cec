/** How raw numbers are shown and typed: with the unit in the reader's language, shares as per cent. */
import type { Measure } from "../api/types";
import type { Messages } from "../i18n/en";

export interface ShownUnit {
  /** What stands behind a number. */
  name: string;
  /** How many of the shown unit make one of the raw unit. */
  factor: number;
}

export function shownUnit(unit: string, t: Messages): ShownUnit {
  const plain = (name: string): ShownUnit => ({ name, factor: 1 });
  switch (unit) {
    case "m":
      return plain(t.units.metres);
    case "m²":
      return plain(t.units.squareMetres);
    case "min":
      return plain(t.units.minutes);
    case "share":
      return { name: "%", factor: 100 };
    case "USD/m²":
      return plain(t.units.perSquareMetre);
    case "USD/household":
      return plain(t.units.perHousehold);
    case "households":
      return plain(t.units.households);
    case "services":
      return plain(t.units.services);
    case "ratio":
      return plain("");
    default:
      return plain(unit);
  }
}

/** The unit in which the server gives a measure. */
export function unitOf(measure: Measure): string {
  switch (measure.kind) {
    case "flood_depth":
      return measure.statistic === "deeper_share" ? "share" : "m";
    case "annual_flood":
      return measure.statistic === "share" ? "share" : "m";
    case "zone_share":
      return "share";
    case "travel_time":
    case "disruption":
      return "min";
    case "services_within":
      return "services";
    case "land_price":
      return "USD/m²";
    case "cost_per_household":
      return "USD/household";
    case "area":
      return "m²";
    case "capacity":
      return "households";
    case "slope":
      return "%";
    case "tenure":
      return "category";
    default:
      return "ratio";
  }
}
