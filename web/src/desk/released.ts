/** Tables of a release as people read them: columns, categories and shares in words, and the rows of one place. */
import type { DeskWords } from "../i18n/desk-en";
import { factOf, factWords } from "../i18n/facts";
import { locale } from "../i18n/locale.svelte";
import type { Release, ReleaseCell, ReleaseTable, SeenBy } from "./api";

/** The names of sites, by their ids. */
export type SiteNames = (id: string) => string;

/** A name of the program as words, where nobody has worded it: a table of a deployment's own. */
const spaced = (name: string) => name.replace(/[._]/g, " ");

/** What people call a column: by the words of the desk, or those of the question whose answers it has. */
export function columnName(t: DeskWords, column: string): string {
  const asked = `outcome.${column}`;
  return t.releases.column[column] ?? (factOf(asked) ? factWords(asked, locale.lang) : spaced(column));
}

/** A share is called as the column whose answers it counts, where nobody has worded it. */
export function shareName(t: DeskWords, share: string): string {
  const column = share.replace(/^share_/, "");
  const known = t.releases.share[share];
  if (known !== undefined) return known;
  return column !== share && factOf(`outcome.${column}`) ? `${columnName(t, column)}, %` : spaced(share);
}

/** A category in words: places by the gazetteer, sites by the decisions, answers by the dictionary. */
export function categoryName(
  t: DeskWords,
  table: Pick<ReleaseTable, "places">,
  column: string,
  name: string,
  lang: "en" | "km",
  site: SiteNames,
): string {
  const known = t.releases.category[name];
  if (known !== undefined) return known;
  const place = table.places[name];
  if (place) return (lang === "km" ? place.name_km : place.name) || name;
  if (column === "site") return site(name) || name;
  return spaced(name);
}

/** The places where something is told but zeros: the others would fill page after page. */
function busyPlaces(table: ReleaseTable): ReadonlySet<string> {
  const busy = table.cells.filter(({ families }) => families !== 0);
  return new Set(busy.map(({ names }) => names[0] ?? ""));
}

/** The places that the first column has: sums first, places where nobody is last. */
export function placesOf(table: ReleaseTable): string[] {
  const seen = new Set(table.cells.map((cell) => cell.names[0] ?? ""));
  const busy = busyPlaces(table);
  const rank = (place: string) => (place === "total" ? 0 : busy.has(place) ? 1 : 2);
  return [...seen].sort((one, other) => rank(one) - rank(other) || (one < other ? -1 : 1));
}

/** The rows of one place: all of them for no place, those of empty places last. */
export function rowsOf(table: ReleaseTable, place: string): ReleaseCell[] {
  if (place !== "") return table.cells.filter((cell) => cell.names[0] === place);
  const busy = busyPlaces(table);
  const isBusy = ({ names }: ReleaseCell) => busy.has(names[0] ?? "");
  return [...table.cells.filter(isBusy), ...table.cells.filter((cell) => !isBusy(cell))];
}

/** Which share of the cells is hidden, 0 to 1: neither all nor nothing where it is not quite that. */
export function shareOf(hidden: number, all: number): number {
  if (all === 0 || hidden === 0) return 0;
  return hidden === all ? 1 : Math.min(0.99, Math.max(0.01, hidden / all));
}

/** Who sees all tables of a release; none where not all are seen by the same people. */
export function audienceOf(tables: readonly { seen_by: string }[]): SeenBy | null {
  const [first, ...others] = new Set(tables.map((table) => table.seen_by));
  const known: readonly SeenBy[] = ["internal", "partner", "public"];
  return others.length > 0 ? null : (known.find((one) => one === first) ?? null);
}

/** Who sees each table, by its id. */
export const seenBy = (release: Pick<Release, "tables">): Record<string, string> =>
  Object.fromEntries(release.tables.map((table) => [table.id, table.seen_by]));

/** The tables of a release that no later one has taken the place of. */
export function ownTables<T extends { layer_of?: number | null }>(release: {
  number: number;
  tables: readonly T[];
}): T[] {
  return release.tables.filter((table) => (table.layer_of ?? release.number) <= release.number);
}

/** Who has taken a table. */
export function readerName(t: DeskWords, reader: Release["readers"][number]): string {
  return reader.name ?? (reader.who === "anyone" ? t.releases.anyone : reader.who.replace(/^key /, ""));
}
