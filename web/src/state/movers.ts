/** The settlements among which those that would move are chosen, as the list shows them. */
import type { Settlement } from "../api/types";
import { compareNames } from "../text/collate";
import { folded } from "../text/folded";

/** Ids of the chosen ones; null: everybody. `beginning`: some are to be chosen, but none is yet. */
export function chosenOnes(named: "all" | readonly string[], beginning: boolean): ReadonlySet<string> | null {
  if (named !== "all") return new Set(named);
  return beginning ? new Set() : null;
}

/** The chosen ones after these were chosen too, or left out. */
export function withOrWithout(chosen: ReadonlySet<string> | null, ids: readonly string[], on: boolean): string[] {
  const next = new Set(chosen ?? []);
  for (const id of ids) {
    if (on) next.add(id);
    else next.delete(id);
  }
  return [...next];
}

/** Those whose id, name or sangkat holds what was typed, in either script. */
export function foundAmong(all: readonly Settlement[], query: string): Settlement[] {
  const wanted = folded(query);
  if (wanted === "") return [...all];
  return all.filter(({ id, name, sangkat }) =>
    [id, name?.en ?? "", name?.km ?? "", sangkat?.en ?? "", sangkat?.km ?? ""].some((key) =>
      folded(key).includes(wanted),
    ),
  );
}

/** By sangkat, as far as the layers say where a settlement lies; those that lie `nowhere` come last, under that name. */
export function bySangkat(
  settlements: readonly Settlement[],
  say: (sangkat: Settlement["sangkat"]) => string,
  nowhere: string,
): [code: string, group: { name: string; members: Settlement[] }][] {
  const byCode = new Map<string, { name: string; members: Settlement[] }>();
  for (const settlement of settlements) {
    const { sangkat } = settlement;
    const code = sangkat?.code ?? "";
    const group = byCode.get(code) ?? { name: say(sangkat) || nowhere, members: [] };
    group.members.push(settlement);
    byCode.set(code, group);
  }
  return [...byCode].sort(([a, one], [b, other]) =>
    a === "" ? 1 : b === "" ? -1 : compareNames(one.name, other.name),
  );
}
