/** Where the reader is, when they ask for it: the position is asked for once for each press and kept nowhere. */
import { mapLink } from "./map-link.svelte";
import { planner } from "./planner.svelte";

export type LocatingProblem = "outside" | "refused" | "noPosition" | "insecure";

class Locating {
  /** Metres that the position may be off. */
  accuracy = $state<number | null>(null);
  problem = $state<LocatingProblem | null>(null);

  ask(): void {
    this.accuracy = this.problem = null;
    if (!isSecureContext || !("geolocation" in navigator)) {
      this.problem = "insecure";
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => this.#found(coords.longitude, coords.latitude, coords.accuracy),
      ({ code, PERMISSION_DENIED }) => (this.problem = code === PERMISSION_DENIED ? "refused" : "noPosition"),
      { enableHighAccuracy: true, timeout: 20_000, maximumAge: 0 },
    );
  }

  forget(): void {
    this.accuracy = this.problem = null;
    void mapLink.map?.show("position", []);
  }

  #found(lon: number, lat: number, accuracy: number): void {
    const [west, south, east, north] = planner.deployment?.bounds ?? [-180, -90, 180, 90];
    if (lon < west || lon > east || lat < south || lat > north) {
      this.problem = "outside";
      return;
    }
    this.accuracy = accuracy;
    void mapLink.map?.show("position", [
      { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [around(lon, lat, accuracy)] } },
      { type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [lon, lat] } },
    ]);
    mapLink.map?.goTo(lon, lat);
  }
}

/** A circle of so many metres around a place. */
function around(lon: number, lat: number, metres: number): [number, number][] {
  const [dy, dx] = [metres / 111_195, metres / (111_195 * Math.cos((lat * Math.PI) / 180))];
  return Array.from({ length: 49 }, (_, n) => {
    const angle = (n * Math.PI) / 24;
    return [lon + dx * Math.cos(angle), lat + dy * Math.sin(angle)];
  });
}

export const locating = new Locating();
