/** Facts: multi-value registers over the order of events (`crates/registry/src/fold/facts.rs`). */
import { byText, byValue, isKnown, memberId, memberOf, saysTheSame, splitMembers, textOf } from "./event";
import type { FieldEvent, Value } from "./event";
import { add, has, type Order } from "./order";
import type { Known } from "./state";

/** The purpose of a consent that names none. */
const REGISTRATION = "registration";

/** An event of a history. */
export interface Node extends Known {
  /** Set if the event belongs to another household's history, of which these members came to this one. */
  members?: Set<string>;
}

export interface Write {
  path: string;
  /** The event's number. */
  event: number;
  value: Value;
}

/** All writes of a history, by path in order; the writes of a path are in the order's sequence. */
export function writes(nodes: readonly Node[], order: Order): Map<string, Write[]> {
  const purposes = allPurposes(nodes);
  const byPath = new Map<string, Write[]>();
  for (const number of order.sequence) {
    const node = nodes[number];
    if (!node) continue;
    const write = (path: string, value: Value) => {
      const list = byPath.get(path);
      if (list) list.push({ path, event: number, value });
      else byPath.set(path, [{ path, event: number, value }]);
    };
    told(node, write);
    followed(node, purposes, write);
  }
  return new Map([...byPath].sort(([a], [b]) => byText(a, b)));
}

type Writer = (path: string, value: Value) => void;

function told({ event, members }: Node, write: Writer): void {
  // Notes are protected, and what a later version's kinds mean by facts is not known.
  if (!isKnown(event.kind) || event.kind === "noted") return;
  for (const [path, value] of Object.entries(event.facts ?? {})) {
    const isAsked = members
      ? members.has(memberOf(path) ?? "")
      : // The status and the site follow from steps.
        path !== "status" && path !== "placement.site";
    if (isAsked) write(path, value);
  }
}

/** Facts that follow from what an event tells. */
function followed({ event, members }: Node, purposes: Set<string>, write: Writer): void {
  for (const member of splitMembers(event)) {
    if (!members || members.has(member)) write(`members/${member}/household`, (event["to"] ?? null) as Value);
  }
  if (members) return;
  if (event.kind === "consent_given" || event.kind === "consent_withdrawn") {
    const isGiven = event.kind === "consent_given";
    const named = namedPurposes(event);
    // Who takes consent back and names no purpose takes back all.
    const meant = named.size > 0 ? named : isGiven ? new Set([REGISTRATION]) : purposes;
    for (const purpose of [...meant].sort(byText)) write(`consent.${purpose}`, isGiven);
  } else if (event.kind === "moved") {
    write("placement.plot", (event["plot"] ?? null) as Value);
  } else if (event.kind === "referral_answered") {
    const referral = textOf(event["referral"]);
    if (referral !== null && event["answer"] !== undefined) {
      write(answerPath(referral.toLowerCase()), event["answer"] as Value);
    }
  }
}

export const answerPath = (referral: string): string => `referrals/${referral}/answer`;

function namedPurposes(event: FieldEvent): Set<string> {
  const list = event["purposes"];
  return new Set(Array.isArray(list) ? list.filter((one): one is string => typeof one === "string") : []);
}

function allPurposes(nodes: readonly Node[]): Set<string> {
  const all = new Set([REGISTRATION]);
  for (const { event } of nodes) {
    if (!event.kind.startsWith("consent_")) continue;
    for (const purpose of namedPurposes(event)) all.add(purpose);
  }
  return all;
}

/** The writes to one path that nothing came after, in order of sequence. */
export function standing(list: readonly Write[], order: Order): Write[] {
  if (list.length === 1) return [...list];
  const passed = order.emptyRow();
  let stand: Write[] = [];
  for (const write of [...list].reverse()) {
    if (!has(passed, write.event)) stand.push(write);
    add(passed, order.row(write.event));
  }
  stand.reverse();
  const path = list[0]?.path ?? "";
  // A later answer of a service goes on from the earlier one, even where its author did not know of it.
  if (path.startsWith("referrals/") && stand.some(({ value }) => value === "done" || value === "no_show")) {
    stand = stand.length > 1 ? stand.filter(({ value }) => value !== "accepted") : stand;
  }
  // A move that names no plot does not gainsay one that does.
  if (path === "placement.plot" && stand.some(({ value }) => value !== null)) {
    stand = stand.length > 1 ? stand.filter(({ value }) => value !== null) : stand;
  }
  return stand;
}

/** The values of writes, each once and in order, with the numbers of the events that say it. */
export function values(stand: readonly Write[]): { value: Value; by: number[] }[] {
  const found: { value: Value; by: number[] }[] = [];
  for (const write of [...stand].sort((a, b) => byValue(a.value, b.value) || a.event - b.event)) {
    const same = found.find(({ value }) => saysTheSame(value, write.value));
    if (same) same.by.push(write.event);
    else found.push({ value: write.value, by: [write.event] });
  }
  for (const one of found) one.by = [...new Set(one.by)].sort((a, b) => a - b);
  return found;
}

/** The member whose household a path tells. */
export function memberOfHousehold(path: string): string | null {
  const id = /^members\/(.*)\/household$/.exec(path)?.[1];
  return id === undefined ? null : memberId(id);
}
