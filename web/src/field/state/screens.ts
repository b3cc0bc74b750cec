/** What can be on the screen. Nothing of it ever stands in an address. */
import type { Place } from "../fold/event";

export type PlaceTo =
  | { screen: "map"; look?: { lon: number; lat: number } }
  | { screen: "visits" }
  | { screen: "find"; scan?: boolean }
  | { screen: "sent" }
  | { screen: "more" }
  | { screen: "household"; id: string }
  | {
      screen: "pick-form";
      household: string | null;
      marked: Place | null;
      purposes: ("survey" | "verification" | "visit" | "other")[];
    }
  | { screen: "form"; draft: string }
  | { screen: "not-found"; household: string }
  | { screen: "left"; household: string }
  | { screen: "refer"; household: string }
  | { screen: "task"; id: string }
  | { screen: "kept"; household: string | null }
  | { screen: "refused" };
