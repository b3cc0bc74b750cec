/** Web Mercator: the plane of the map, in parts of the world's width from its north-western corner. */

export const EARTH_M = 40_075_016.7;

export const worldX = (lon: number) => (lon + 180) / 360;
export const worldY = (lat: number) => (1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2;

/** How many metres of ground the world's width is at a latitude. */
export const worldMetres = (lat: number) => EARTH_M * Math.cos((lat * Math.PI) / 180);
