/** A form that was begun: everything that is needed to go on at the same question. */
import type { Fix } from "../core/position";
import type { Place } from "../fold/event";

export interface Draft {
  form: { id: string; version: string };
  household: string | null;
  /** The name or code that the household is shown by, for the list of drafts. */
  title: string;
  begun: number;
  xml: string;
  /** The place in the list of steps: where to go on. */
  step: number;
  /** What the phone knows of the position so far. */
  fixes: Fix[];
  /** Where it was marked on the map. */
  marked: Place | null;
  /** Whether the house is here, as whoever is far from where it was known has said. */
  here?: boolean;
  /** Photos and sound, by their names in the instance. */
  files: { name: string; sha256: string; type: string }[];
  /** The task that it answers. */
  task?: string;
}
