/** The phone's position, asked for only while the map or a form needs it. */
import { averaged, withFix, type Fix } from "../core/position";
import type { Place } from "../fold/event";

export type PositionTrouble = "refused" | "missing" | null;

class Where {
  /** The last measurement. */
  fix = $state.raw<Fix | null>(null);
  trouble = $state<PositionTrouble>(null);
  fixes = $state.raw<Fix[]>([]);
  #watch: number | null = null;
  #users = 0;

  /** The mean of what was measured here. */
  get place(): Place | null {
    return averaged(this.fixes);
  }

  /** Begins to measure; what it gives ends it. */
  use(): () => void {
    this.#users += 1;
    if (this.#users === 1) this.#start();
    let used = true;
    return () => {
      if (!used) return;
      used = false;
      this.#users -= 1;
      if (this.#users === 0) this.#stop();
    };
  }

  /** Begins a new mean: another household is marked. */
  anew(): void {
    this.fixes = this.fix ? [this.fix] : [];
  }

  #start(): void {
    if (!("geolocation" in navigator)) {
      this.trouble = "missing";
      return;
    }
    this.#watch = navigator.geolocation.watchPosition(
      ({ coords, timestamp }) => {
        const fix = { lon: coords.longitude, lat: coords.latitude, accuracy: coords.accuracy, at: timestamp };
        this.fix = fix;
        this.fixes = withFix(this.fixes, fix);
        this.trouble = null;
      },
      ({ code, PERMISSION_DENIED }) => (this.trouble = code === PERMISSION_DENIED ? "refused" : "missing"),
      { enableHighAccuracy: true, maximumAge: 5000, timeout: 30_000 },
    );
  }

  #stop(): void {
    if (this.#watch !== null) navigator.geolocation.clearWatch(this.#watch);
    this.#watch = null;
  }
}

export const where = new Where();
