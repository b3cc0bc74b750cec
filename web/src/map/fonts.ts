/**
 * The faces that the map and the page share. MapLibre draws labels from these files itself, a syllable at a time, so no
 * glyph server is needed and Khmer is shaped as it is written.
 */
import latin400 from "@fontsource/noto-sans/files/noto-sans-latin-400-normal.woff2?url";
import latin600 from "@fontsource/noto-sans/files/noto-sans-latin-600-normal.woff2?url";
import khmer400 from "@fontsource/noto-sans-khmer/files/noto-sans-khmer-khmer-400-normal.woff2?url";
import khmer600 from "@fontsource/noto-sans-khmer/files/noto-sans-khmer-khmer-600-normal.woff2?url";
import type { StyleSpecification } from "maplibre-gl";

export const regular = "Phteah Regular";
export const bold = "Phteah Bold";

/** Khmer letters and symbols, and the zero-width space that separates Khmer words. */
const khmer = ["U+1780-17FF", "U+19E0-19FF", "U+200B-200D", "U+25CC"];

const here = (url: string) => new URL(url, location.href).href;

export function fontFaces(): NonNullable<StyleSpecification["font-faces"]> {
  const face = (khmerUrl: string, latinUrl: string) => [
    { url: here(khmerUrl), "unicode-range": khmer },
    { url: here(latinUrl) },
  ];
  return { [regular]: face(khmer400, latin400), [bold]: face(khmer600, latin600) };
}
