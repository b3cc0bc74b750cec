/** What the map is given, and what it tells. */
import type { Bounds, Layer } from "../api/types";
import type { Lang } from "../i18n/locale.svelte";
import type { Box } from "./free-room";

export interface View {
  lon: number;
  lat: number;
  zoom: number;
}

export interface Pin {
  i: number;
  lon: number;
  lat: number;
  rank: number;
  label: string;
}

export interface Listener {
  /** A site was clicked, or the empty ground. */
  chosen(i: number | null): void;
  pointed(i: number | null): void;
  /** Something else than a site was clicked: what is there? */
  asked(lon: number, lat: number, withinM: number): void;
  /** The mouse is here, or nowhere on the map. */
  hovered(at: { x: number; y: number; lon: number; lat: number } | null): void;
  /** So many metres of ground are a pixel now. */
  scaled(metresPerPixel: number): void;
  moved(view: View): void;
  /** The server does not have the tiles of the ranking any more. */
  lost(): void;
  /** The server asks who is there. */
  signedOut(): void;
  /** The ranked sites have been drawn for the first time. */
  ranked(): void;
  /** Nothing is being loaded or drawn any more, or something is again. */
  idle(isIdle: boolean): void;
}

export interface MapOptions {
  container: HTMLElement;
  bounds: Bounds;
  layers: Layer[];
  lang: Lang;
  label: string;
  view: View | null;
  still: boolean;
  /** Where the map opens until the sites are known: the city without its outlying plains. */
  city: Bounds;
  /** What lies over the map just now, in pixels of the window. */
  covers: () => Box[];
  /** Pixels at the bottom that something else covers. */
  covered: number;
  listener: Listener;
}
