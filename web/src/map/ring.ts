/** A ring of corners in degrees, as it is drawn by hand: not closed, the last corner joins the first. */
export type Corner = [lon: number, lat: number];

/** Turns twice the signed area of the triangle `a b c`: positive to the left. */
function turn(a: Corner, b: Corner, c: Corner): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

/** Whether `p`, known to lie on the line through `a` and `b`, lies between them. */
function between(a: Corner, b: Corner, p: Corner): boolean {
  return (
    Math.min(a[0], b[0]) <= p[0] &&
    p[0] <= Math.max(a[0], b[0]) &&
    Math.min(a[1], b[1]) <= p[1] &&
    p[1] <= Math.max(a[1], b[1])
  );
}

function meet(a: Corner, b: Corner, c: Corner, d: Corner): boolean {
  const [abc, abd, cda, cdb] = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)];
  if (abc * abd < 0 && cda * cdb < 0) return true;
  return (
    (abc === 0 && between(a, b, c)) ||
    (abd === 0 && between(a, b, d)) ||
    (cda === 0 && between(c, d, a)) ||
    (cdb === 0 && between(c, d, b))
  );
}

/** Whether edges of the ring cross or touch where they should not. */
export function crosses(ring: readonly Corner[]): boolean {
  const edges = ring.map((corner, n): [Corner, Corner] => [corner, ring[(n + 1) % ring.length] ?? corner]);
  return edges.some(([a, b], n) =>
    edges.some(([c, d], m) => {
      const adjoining = m === n + 1 || (n === 0 && m === edges.length - 1);
      return m > n && !adjoining && meet(a, b, c, d);
    }),
  );
}

/** As GeoJSON wants it: closed, and with its inside to the left (RFC 7946). */
export function polygon(ring: readonly Corner[]): GeoJSON.Polygon {
  const twice = ring.reduce((sum, [x, y], n) => {
    const [nextX, nextY] = ring[(n + 1) % ring.length] ?? [x, y];
    return sum + x * nextY - nextX * y;
  }, 0);
  const left = twice < 0 ? [...ring].reverse() : [...ring];
  const [first] = left;
  return { type: "Polygon", coordinates: [first ? [...left, first] : left] };
}

/** Degrees to seven decimals, a centimetre: more digits would claim what no hand can draw. */
export function settled([lon, lat]: Corner): Corner {
  const round = (degrees: number) => Math.round(degrees * 1e7) / 1e7;
  return [round(lon), round(lat)];
}

const WGS84 = { a: 6_378_137, e2: 0.006_694_379_990_14 };

/** Area in m² that a ring of corners in degrees encloses, on the ellipsoid; exact to a few parts in 100,000 for a plot. */
export function areaOf(ring: readonly Corner[]): number {
  const middle = ring.reduce((sum, [, lat]) => sum + lat, 0) / Math.max(1, ring.length);
  const sine = Math.sin((middle * Math.PI) / 180);
  const bent = 1 - WGS84.e2 * sine * sine;
  const perLat = ((Math.PI / 180) * WGS84.a * (1 - WGS84.e2)) / bent ** 1.5;
  const perLon = ((Math.PI / 180) * WGS84.a * Math.cos((middle * Math.PI) / 180)) / Math.sqrt(bent);
  const [first] = ring;
  if (!first) return 0;
  const twice = ring.reduce((sum, [x, y], n) => {
    const [nextX, nextY] = ring[(n + 1) % ring.length] ?? first;
    // From the first corner: far from 0° the products would lose the digits that matter.
    return sum + (x - first[0]) * (nextY - first[1]) - (nextX - first[0]) * (y - first[1]);
  }, 0);
  return Math.abs((twice / 2) * perLat * perLon);
}

/** A polygon with holes as GeoJSON wants it; the last corner of each ring joins its first. */
export function polygonOf(rings: readonly (readonly Corner[])[]): GeoJSON.Polygon {
  const [outline = [], ...holes] = rings;
  const around = holes.map((hole) => [...(polygon(hole).coordinates[0] ?? [])].reverse());
  return { type: "Polygon", coordinates: [...polygon(outline).coordinates, ...around] };
}
