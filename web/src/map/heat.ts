/** Colours of shares in the heat map of ranks: one hue, lightness falling steadily, so the order needs no colour sight. */
const LIGHT = [247, 244, 236] as const;
const DARK = [42, 37, 96] as const;

type Rgb = readonly [number, number, number];

/** Shares crowd below a third; the root spreads them over the ramp. */
function mixed(share: number): Rgb {
  const at = Math.sqrt(Math.min(Math.max(share, 0), 1));
  const channel = (n: 0 | 1 | 2) => Math.round(LIGHT[n] + (DARK[n] - LIGHT[n]) * at);
  return [channel(0), channel(1), channel(2)];
}

/** Relative luminance (WCAG 2). */
function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function heatColour(share: number): string {
  return `rgb(${mixed(share).join(" ")})`;
}

/** Black or white, whichever stands out more: by at least 4.5 to 1 on every colour there is. */
export function heatInk(share: number): string {
  return luminance(mixed(share)) > 0.179 ? "#000000" : "#ffffff";
}
