/** Ways from a site to the nearest service of each kind, dry and flooded, side by side. */
import type { Route } from "../api/insight";
import type { Text } from "../api/types";

export interface Way {
  key: string;
  service: string;
  label: Text;
  mode: string;
  dry: Route | null;
  flooded: Route | null;
}

/** Brings the dry and the flooded route to one kind of service together, in the order in which they were given. */
export function waysOf(routes: readonly Route[]): Way[] {
  const ways = new Map<string, Way>();
  for (const route of routes) {
    const { service, label, mode } = route;
    const key = `${service} ${mode}`;
    const way = ways.get(key) ?? { key, service, label, mode, dry: null, flooded: null };
    if (route.cut === null) way.dry = route;
    else way.flooded = route;
    ways.set(key, way);
  }
  return [...ways.values()];
}

/** What the map draws of them; the way that is pointed at is strong and the others step back. */
export function drawnWays(
  ways: readonly Way[],
  pointed: string | null,
  label: (route: Route) => string,
): GeoJSON.Feature[] {
  return ways.flatMap(({ key, service, dry, flooded }) => {
    const shared = { service, strong: pointed === key, dim: pointed !== null && pointed !== key };
    const lines = [flooded, dry].flatMap((route): GeoJSON.Feature[] =>
      route?.line
        ? [{ type: "Feature", geometry: route.line, properties: { ...shared, flooded: route.cut !== null } }]
        : [],
    );
    const ends = [flooded, dry].flatMap((route): [string, GeoJSON.Feature][] =>
      route?.to
        ? [
            [
              route.to.id,
              {
                type: "Feature",
                geometry: { type: "Point", coordinates: [route.to.lon, route.to.lat] },
                // The way that is looked at, then the nearest.
                properties: { ...shared, label: label(route), order: shared.strong ? -1 : (route.minutes ?? 1e6) },
              },
            ],
          ]
        : [],
    );
    // Both ways mostly lead to the same door, which is then drawn once, with the dry way's time.
    return [...lines, ...new Map(ends).values()];
  });
}

/** All points of the ways: what has to be in view to see them. */
export function pointsOf(ways: readonly Way[]): [number, number][] {
  return ways.flatMap(({ dry, flooded }) =>
    [dry, flooded].flatMap((route): [number, number][] => {
      const { line } = route ?? {};
      const parts = !line ? [] : line.type === "LineString" ? [line.coordinates] : line.coordinates;
      return parts.flat().map((point) => [point[0] ?? 0, point[1] ?? 0]);
    }),
  );
}
