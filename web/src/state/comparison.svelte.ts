/** The scenario on the table beside another one. What is on the table may go on changing meanwhile. */
import { api } from "../api/client";
import type { Matrix, Scenario, Text } from "../api/types";
import { changesBetween, type Changes } from "../ranking/changes";
import { connection } from "./connection.svelte";
import { planner } from "./planner.svelte";

interface Other {
  /** Name of the scenario; it may be the one on the table, as it is kept. */
  name: string;
  title: Text;
  scenario: Scenario;
  matrix: Matrix;
}

/** More signs than this would hide each other and the map. */
const MOST_ON_MAP = 400;

class Comparison {
  /** Asked for, being ranked. */
  reading = $state(false);
  failed = $state<string | null>(null);
  /** Name of the other scenario, from the moment that it is asked for. */
  name = $state<string | null>(null);
  other = $state.raw<Other | null>(null);
  changes = $derived<Changes | null>(
    this.other && planner.matrix && planner.order
      ? changesBetween(planner.matrix, planner.order, this.other.matrix)
      : null,
  );
  /** Signs for the map: the largest changes, and every site that came in or fell out. */
  signs = $derived.by(() => {
    const { changes } = this;
    if (!changes) return null;
    const moved = [...changes.gained, ...changes.lost].sort((one, two) => Math.abs(two.gained) - Math.abs(one.gained));
    const shown = [...moved.slice(0, MOST_ON_MAP), ...changes.newlyOut, ...changes.newlyIn].slice(0, 2 * MOST_ON_MAP);
    const { lon, lat } = planner.matrix?.sites ?? {};
    const largest = Math.max(1, Math.abs(moved[0]?.gained ?? 1));
    return shown.map((change) => ({ ...change, lon: lon?.[change.i] ?? 0, lat: lat?.[change.i] ?? 0, largest }));
  });
  /** Whether the map leaves smaller changes out. */
  crowded = $derived((this.changes?.gained.length ?? 0) + (this.changes?.lost.length ?? 0) > MOST_ON_MAP);

  #asked = 0;

  async with(name: string): Promise<void> {
    const mine = (this.#asked += 1);
    this.name = name;
    this.reading = true;
    this.failed = null;
    try {
      const read = async () => {
        const { scenario }: { scenario: Scenario } = await api.scenario(name);
        const ranking = await api.rank(scenario);
        return { name, scenario, title: scenario.title, matrix: await api.matrix(ranking.id) };
      };
      const other = await connection.steadily(read);
      if (mine === this.#asked) this.other = other;
    } catch (cause) {
      if (mine === this.#asked) this.failed = cause instanceof Error ? cause.message : String(cause);
    }
    if (mine === this.#asked) this.reading = false;
  }

  end(): void {
    this.#asked += 1;
    this.name = this.other = null;
    this.reading = false;
    this.failed = null;
  }
}

export const comparison = new Comparison();
