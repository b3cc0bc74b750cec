/** What leaves the screen: paper, files, the decision record. */
import { api } from "../api/client";
import { locale } from "../i18n/locale.svelte";
import type { DecisionRecord, FileFormat, SiteDetail } from "../api/types";
import { drawing } from "./drawing.svelte";
import { mapLink } from "./map-link.svelte";
import { planner } from "./planner.svelte";

/** As many sites as a planner carries into a meeting; more belong into a file. */
export const SHORTLIST = 20;

export type Paper = "shortlist" | "sheet" | "desk";
/** Paper with a map on it. */
export type MapPaper = Exclude<Paper, "desk">;

/** Sizes of the map on an A4 page, millimetres. */
export const mapOnPaper: Record<MapPaper, { width: number; height: number }> = {
  shortlist: { width: 184, height: 80 },
  sheet: { width: 184, height: 60 },
};

/** Pixels of the map to a millimetre of paper: its letters come out at seven to eight points. */
const DOTS_PER_MM = 5;

function shortlisted(): { lon: number; lat: number }[] {
  const { matrix } = planner;
  const places = planner
    .first(SHORTLIST)
    .map((i) => ({ lon: matrix?.sites.lon[i] ?? 0, lat: matrix?.sites.lat[i] ?? 0 }));
  const drawn = drawing.measured?.site;
  return drawn ? [...places, drawn] : places;
}

class TakeAway {
  /** Whether its dialog is open. */
  open = $state(false);
  /** What the printer gets next: whoever prints by the browser's own menu gets the shortlist. */
  paper = $state<Paper>("shortlist");
  /** The site of the sheet. */
  site = $state.raw<SiteDetail | null>(null);

  show(): void {
    this.open = true;
  }

  /** The map, drawn for the paper that is printed next. */
  map = $state.raw<HTMLCanvasElement | null>(null);

  /** What lies on the desk is printed as it is. */
  prepareDesk(): void {
    this.paper = "desk";
  }

  /** Gets everything that the paper needs; afterwards the browser can print at once. */
  async prepare(paper: MapPaper): Promise<void> {
    const site = paper === "sheet" ? await this.#openSite() : null;
    if (paper === "sheet" && !site) return;
    const { width, height } = mapOnPaper[paper];
    const picture = await mapLink.map?.picture(
      width * DOTS_PER_MM,
      height * DOTS_PER_MM,
      site ? [site] : shortlisted(),
      site !== null,
    );
    this.site = site;
    this.map = picture ?? null;
    this.paper = paper;
  }

  /** What was printed is printed: whoever prints next without asking here gets the shortlist as it is then. */
  printed(): void {
    this.paper = "shortlist";
    this.site = null;
    this.map = null;
  }

  /** The open site in full, or the plot that is being drawn. */
  async #openSite(): Promise<SiteDetail | null> {
    const drawn = drawing.measured;
    if (drawn) return { ...drawn.site, rank: drawn.rank };
    const [ranking, row] = [planner.ranking?.id, planner.chosen];
    const id = row === null ? undefined : planner.matrix?.sites.id[row];
    if (!ranking || id === undefined) return null;
    return planner.remembered(() => api.site(ranking, id));
  }

  /** Has the server make a file of the ranking that it confirmed last, and hands it to the browser. */
  async download(format: FileFormat, best: number | null): Promise<string> {
    return this.#hand((ranking) => api.download(ranking, format, best, locale.lang));
  }

  async saveRecord(record: DecisionRecord): Promise<string> {
    return this.#hand((ranking) => api.record(ranking, record));
  }

  /** The plot that is being drawn, with everything measured of it: the one thing here that no server keeps. */
  savePlot(): string {
    const drawn = drawing.measured;
    if (!drawn) return "";
    const { geometry, ...measured } = drawn.site;
    const { rank, of, flood } = drawn;
    const of_ranking = planner.ranking?.id;
    const properties = { ...measured, rank, of, of_ranking, flood, illustrative: planner.illustrative };
    const text = JSON.stringify({ type: "Feature", properties, geometry }, null, 1);
    return handed({ name: "phteah-plot.geojson", blob: new Blob([text], { type: "application/geo+json" }) });
  }

  async #hand(make: (ranking: string) => Promise<{ name: string; blob: Blob }>): Promise<string> {
    return handed(await planner.remembered(() => make(planner.ranking?.id ?? "")));
  }
}

/** Hands a file to the browser, which puts it where downloads go; gives its name. */
function handed({ name, blob }: { name: string; blob: Blob }): string {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser reads the file after the click; a minute is ample, and the page must not keep it for ever.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  return name;
}

export const takeAway = new TakeAway();
