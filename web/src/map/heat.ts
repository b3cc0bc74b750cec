/** Colours of shares in the heat map of ranks: one hue, lightness falling steadily, so the order needs no colour sight. */
const LIGHT = [247, 244, 236] as const;
const DARK = [42, 37, 96] as const;
/** From here on dark text could not be read. */
const DARK_FROM = 0.45;

/** Shares crowd below a third; the root spreads them over the ramp. */
const strength = (share: number) => Math.sqrt(Math.min(Math.max(share, 0), 1));

export function heatColour(share: number): string {
  const at = strength(share);
  return `rgb(${LIGHT.map((light, n) => Math.round(light + ((DARK[n] ?? light) - light) * at)).join(" ")})`;
}

export function heatInk(share: number): string {
  return strength(share) > DARK_FROM ? "#ffffff" : "#23201c";
}
