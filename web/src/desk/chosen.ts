/** Which families were chosen, for as long as the tab is open: their ids alone, for the person who chose them. */
const KEY = "phteah.desk.chosen";

export function readChosen(account: string): readonly string[] {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as { account?: unknown; ids?: unknown } | null;
    if (kept?.account !== account || !Array.isArray(kept.ids)) return [];
    return kept.ids.filter((id): id is string => typeof id === "string");
  } catch {
    // A browser that keeps nothing forgets them when the page is loaded again.
    return [];
  }
}

export function writeChosen(account: string, ids: readonly string[]): void {
  try {
    if (ids.length === 0) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, JSON.stringify({ account, ids }));
  } catch {
    // They last as long as the page then.
  }
}
