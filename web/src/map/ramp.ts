/**
 * Colours of scores. Lightness falls steadily from worst to best, so the order survives every form of colour blindness
 * and a black-and-white printer; hue only helps. No stop is near the blue of water or the colour of the ground.
 */
export const scoreRamp = ["#f0dc9a", "#b5cf74", "#5fb37b", "#1f8a83", "#11586f", "#2a2560"] as const;

/** Text that is readable on the dark end of the ramp. */
export const onDark = "#ffffff";

export const excludedColour = "#8d8578";
export const maybeColour = "#9a6a1c";
export const selectedColour = "#d5420b";

/** Water depth in metres as the server draws it, shallow to deep; it stays at the last colour beyond. */
export const depthRamp: readonly [metres: number, css: string][] = [
  [0.05, "#deebf7"],
  [0.3, "#c6dbef"],
  [1, "#6baed6"],
  [2, "#2171b5"],
  [3, "#104d92"],
  [5, "#08306b"],
];

/** Height of the ground in metres as the server draws it, low to high. */
export const groundRamp: readonly [metres: number, css: string][] = [
  [0, "#4a3b2a"],
  [5, "#7a6245"],
  [10, "#a68a63"],
  [20, "#cbb38d"],
  [50, "#e6d7bc"],
  [100, "#f6f0e2"],
];

/**
 * Colours that tell criteria apart in a stacked bar (after Paul Tol's muted scheme, ordered so that neighbours differ
 * in lightness). A gap between segments and the words beside them carry the same message.
 */
const criterionColours = [
  "#332288",
  "#88ccee",
  "#117733",
  "#ddcc77",
  "#882255",
  "#44aa99",
  "#cc6677",
  "#999933",
  "#aa4499",
  "#6699cc",
  "#661100",
  "#ee9944",
  "#5c6670",
  "#b0c4a0",
] as const;

export function criterionColour(n: number): string {
  return criterionColours[n % criterionColours.length] ?? criterionColours[0];
}

/** The whole ramp, for legends. */
export function rampCss(): string {
  return `linear-gradient(to right, ${scoreRamp.join(", ")})`;
}

/** The colour at `position` (0 light … 1 dark, clamped), mixed like the map mixes it. */
export function rampAt(position: number): string {
  const last = scoreRamp.length - 1;
  const at = Math.min(Math.max(Number.isFinite(position) ? position : 0, 0), 1) * last;
  const below = Math.min(Math.floor(at), last - 1);
  const channels = (css: string) => [1, 3, 5].map((start) => Number.parseInt(css.slice(start, start + 2), 16));
  const from = channels(scoreRamp[below] ?? scoreRamp[0]);
  const to = channels(scoreRamp[below + 1] ?? scoreRamp[0]);
  return `rgb(${from.map((c, n) => Math.round(c + ((to[n] ?? c) - c) * (at - below))).join(" ")})`;
}
