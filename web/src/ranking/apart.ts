/** What is said of a site that has no rank because too little is known of it. */
import type { Criterion, SiteDetail } from "../api/types";
import { locale } from "../i18n/locale.svelte";

export const TOO_LITTLE_KNOWN = "too_little_known";

/** How much of the weight is unknown, and what to find out; empty for a site that is not apart. */
export function findOutOf(site: SiteDetail, criteria: readonly Criterion[]): string {
  if (site.status !== TOO_LITTLE_KNOWN) return "";
  const labels = site.find_out.map((id) => locale.say(criteria.find((one) => one.id === id)?.label) || id);
  return locale.t.list.findOut(locale.f.percent(site.unknown_share), labels.join(", "));
}
