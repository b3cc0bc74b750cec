/** What a site is called on the page. */
import { locale } from "../i18n/locale.svelte";
import { planner } from "./planner.svelte";

/** The name of the site of a row in the reader's language, or its code where it has none. */
export function siteTitle(i: number, id = planner.matrix?.sites.id[i] ?? ""): string {
  return locale.say(planner.nameOf(i)) || id;
}
