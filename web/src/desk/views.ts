/** Saved views: filters alone. What was searched for may be somebody's name, and is never kept. */
import type { Filter } from "./list.svelte";

export interface View {
  name: string;
  filter: Filter;
}

const KEY = "phteah.desk.views";
const MOST = 30;

export function withoutPeople(filter: Filter): Filter {
  const kept = { ...filter };
  delete kept.text;
  return kept;
}

export function readViews(): View[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter(isView).slice(0, MOST) : [];
  } catch {
    // A browser that keeps nothing has no views.
    return [];
  }
}

export function writeViews(views: readonly View[]): View[] {
  const kept = views.slice(-MOST).map(({ name, filter }) => ({ name, filter: withoutPeople(filter) }));
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // They last as long as the page then.
  }
  return kept;
}

function isView(value: unknown): value is View {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as View).name === "string" &&
    typeof (value as View).filter === "object" &&
    (value as View).filter !== null
  );
}
