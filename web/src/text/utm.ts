const A = 6_378_137;
const F = 1 / 298.257223563;
const N = F / (2 - F);
const RADIUS = (A / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64);
const SCALE = 0.9996;
const BETA = [N / 2 - (2 * N ** 2) / 3 + (37 * N ** 3) / 96, N ** 2 / 48 + N ** 3 / 15, (17 * N ** 3) / 480];
const DELTA = [2 * N - (2 * N ** 2) / 3 - 2 * N ** 3, (7 * N ** 2) / 3 - (8 * N ** 3) / 5, (56 * N ** 3) / 15];

/**
 * Longitude and latitude of UTM metres on WGS 84, northern hemisphere, within a centimetre inside the zone: Krüger's
 * series to the third order (C. F. F. Karney, "Transverse Mercator with an accuracy of a few nanometers", 2011).
 */
export function fromUtm(zone: number, easting: number, northing: number): { lon: number; lat: number } {
  const xi = northing / (SCALE * RADIUS);
  const eta = (easting - 500_000) / (SCALE * RADIUS);
  let [xiPrime, etaPrime] = [xi, eta];
  BETA.forEach((beta, j) => {
    const k = 2 * (j + 1);
    xiPrime -= beta * Math.sin(k * xi) * Math.cosh(k * eta);
    etaPrime -= beta * Math.cos(k * xi) * Math.sinh(k * eta);
  });
  const chi = Math.asin(Math.sin(xiPrime) / Math.cosh(etaPrime));
  const lat = DELTA.reduce((sum, delta, j) => sum + delta * Math.sin(2 * (j + 1) * chi), chi);
  const lon = Math.atan2(Math.sinh(etaPrime), Math.cos(xiPrime));
  const degrees = (radians: number) => (radians * 180) / Math.PI;
  return { lon: degrees(lon) + zone * 6 - 183, lat: degrees(lat) };
}
