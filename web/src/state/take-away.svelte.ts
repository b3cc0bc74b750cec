/** What leaves the screen: paper, files, the decision record. */
import { api } from "../api/client";
import { locale } from "../i18n/locale.svelte";
import { insight, type Flood, type Robustness } from "../api/insight";
import type { DecisionRecord, FileFormat, SealedRecord, SiteDetail } from "../api/types";
import type { Picture } from "../map/picture";
import { DRAWN, drawing } from "./drawing.svelte";
import { mapLink } from "./map-link.svelte";
import { planner } from "./planner.svelte";

/** As many sites as a planner carries into a meeting; more belong into a file. */
export const SHORTLIST = 20;

/** What a printed map may show next to its sites. */
export interface PaperPin {
  key: string | number;
  /** As the place is numbered in the list on the same paper. */
  label: string;
  lon: number;
  lat: number;
  /** Drawn by hand. */
  drawn?: boolean;
}

export type Paper = "shortlist" | "sheet" | "desk" | "decision";
/** Paper with a map on it. */
export type MapPaper = Exclude<Paper, "desk">;

/** Sizes of the map on an A4 page, millimetres. */
export const mapOnPaper: Record<MapPaper, { width: number; height: number }> = {
  shortlist: { width: 184, height: 92 },
  sheet: { width: 184, height: 44 },
  decision: { width: 184, height: 62 },
};

/** Pixels of the map to a millimetre of paper: its letters come out at seven to eight points. */
const DOTS_PER_MM = 5;

/** What a site's sheet tells beyond the site itself. */
export interface SheetFacts {
  site: SiteDetail;
  flood: Flood;
  /** Null for a drawn plot, which takes no part in the ranking. */
  robustness: Robustness | null;
}

/** A decision that was sealed, and the file that holds it. */
export interface SealedDecision {
  record: SealedRecord;
  file: string;
  /** The chosen sites in full. */
  sites: SiteDetail[];
}

class TakeAway {
  /** Whether its dialog is open. */
  open = $state(false);
  /** What the printer gets next: whoever prints by the browser's own menu gets the shortlist. */
  paper = $state<Paper>("shortlist");
  /** The site of the sheet. */
  sheet = $state.raw<SheetFacts | null>(null);
  decision = $state.raw<SealedDecision | null>(null);

  show(): void {
    this.open = true;
  }

  /** The map, drawn for the paper that is printed next. */
  map = $state.raw<Picture | null>(null);

  /** Sites of the shortlist, best first, with the plot that is drawn where it would be ranked. */
  get shortlisted(): PaperPin[] {
    const { matrix, order } = planner;
    const pins = planner.first(SHORTLIST).map((i) => ({
      key: i,
      label: locale.f.number(order?.rank[i] ?? 0),
      lon: matrix?.sites.lon[i] ?? 0,
      lat: matrix?.sites.lat[i] ?? 0,
    }));
    const { measured } = drawing;
    if (measured?.rank == null) return pins;
    const { lon, lat } = measured.site;
    return [...pins, { key: DRAWN, label: drawnLabel(measured.rank), lon, lat, drawn: true }];
  }

  /** What lies on the desk is printed as it is. */
  prepareDesk(): void {
    this.paper = "desk";
  }

  async prepareShortlist(): Promise<void> {
    await this.#draw("shortlist", this.shortlisted, false);
  }

  /** Gets everything that the sheet of the open site needs; afterwards the browser can print at once. */
  async prepareSheet(): Promise<void> {
    const sheet = await this.#openSite();
    if (!sheet) return;
    this.sheet = sheet;
    await this.#draw("sheet", [sheet.site], true);
  }

  /** Seals a decision, hands its file over, and gets ready what the page to sign needs. */
  async prepareDecision(decided: DecisionRecord): Promise<string> {
    const { name, blob } = await planner.remembered(() => api.record(planner.ranking?.id ?? "", decided));
    const record = JSON.parse(await blob.text()) as SealedRecord;
    handed({ name, blob });
    const sites = await planner.remembered(() =>
      Promise.all((record.chosen ?? []).map(({ alternative }) => api.site(planner.ranking?.id ?? "", alternative))),
    );
    this.decision = { record, file: name, sites };
    await this.#draw("decision", pinsOf(record), false);
    return name;
  }

  async #draw(paper: MapPaper, places: { lon: number; lat: number }[], withWays: boolean): Promise<void> {
    const { width, height } = mapOnPaper[paper];
    const drawn = places.length === 0 ? undefined : mapLink.map;
    this.map = (await drawn?.picture(width * DOTS_PER_MM, height * DOTS_PER_MM, places, withWays)) ?? null;
    this.paper = paper;
  }

  /** What was printed is printed: whoever prints next without asking here gets the shortlist as it is then. */
  printed(): void {
    this.paper = "shortlist";
    this.sheet = null;
    this.decision = null;
    this.map = null;
  }

  /** The open site in full, or the plot that is being drawn. */
  async #openSite(): Promise<SheetFacts | null> {
    const drawn = drawing.measured;
    if (drawn) return { site: { ...drawn.site, rank: drawn.rank }, flood: drawn.flood, robustness: null };
    const [ranking, row] = [planner.ranking?.id, planner.chosen];
    const id = row === null ? undefined : planner.matrix?.sites.id[row];
    if (!ranking || id === undefined) return null;
    const { signal } = new AbortController();
    return planner.remembered(async () => {
      const [site, flood, robustness] = await Promise.all([
        api.site(ranking, id),
        insight.flood(ranking, id, signal),
        insight.robustness(ranking, "given", signal),
      ]);
      return { site, flood, robustness };
    });
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
    const name = locale.say(drawn.site.name);
    const { rank, of, flood } = drawn;
    const of_ranking = planner.ranking?.id;
    const properties = { ...measured, name, rank, of, of_ranking, flood, illustrative: planner.illustrative };
    const text = JSON.stringify({ type: "Feature", properties, geometry }, null, 1);
    return handed({ name: `${asFileName(name)}.geojson`, blob: new Blob([text], { type: "application/geo+json" }) });
  }

  async #hand(make: (ranking: string) => Promise<{ name: string; blob: Blob }>): Promise<string> {
    return handed(await planner.remembered(() => make(planner.ranking?.id ?? "")));
  }
}

/** How a drawn plot is numbered among the sites, whose numbers it shares. */
export const drawnLabel = (rank: number): string => `${locale.f.number(rank)}*`;

/** The chosen sites of a decision, numbered as on its page. */
export function pinsOf({ chosen }: SealedRecord): PaperPin[] {
  const { sites } = planner.matrix ?? {};
  return (chosen ?? []).flatMap(({ alternative }, n) => {
    const i = planner.rowOf(alternative);
    if (i === null || !sites) return [];
    return [{ key: alternative, label: locale.f.number(n + 1), lon: sites.lon[i] ?? 0, lat: sites.lat[i] ?? 0 }];
  });
}

/** A name as every file system takes it. */
function asFileName(name: string): string {
  return `phteah-${name.replace(/[\p{Cc}\\/:*?"<>|]+/gu, "-")}`;
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
