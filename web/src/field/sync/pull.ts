/** Taking what has changed. A phone pulls only after it has pushed, so that it never merges on its own. */
import { householdId, textOf, type FieldEvent } from "../fold/event";
import type { Vault } from "../vault/vault";
import { Failed, type Api } from "./api";

interface Changes {
  events: FieldEvent[];
  /** Names of people of the own team, by the events that they recorded. */
  authors?: Record<string, unknown>;
  households_to_forget: string[];
  next: number;
  more: boolean;
  server_time: string;
}

const PAGE = 500;

export interface Pulled {
  /** Households of which something changed, the forgotten ones included. */
  households: string[];
  more: boolean;
  server_time: string;
  elapsed: number;
}

const isChanges = (body: unknown): body is Changes => {
  const changes = body as Partial<Changes> | null;
  return (
    Array.isArray(changes?.events) &&
    Array.isArray(changes.households_to_forget) &&
    Number.isInteger(changes.next) &&
    typeof changes.more === "boolean"
  );
};

/** Takes one page of changes in. */
export async function pullPage(api: Api, vault: Vault, most: number): Promise<Pulled> {
  const after = (await vault.thing<number>("cursor")) ?? 0;
  const limit = Math.min(PAGE, most);
  const { body, elapsed } = await api.json<unknown>(`/api/field/changes?after=${after}&limit=${limit}`);
  if (!isChanges(body)) throw new Failed("portal", "Another page answered.");
  const events = body.events
    .filter((event) => householdId(event.household) !== null && Array.isArray(event.after))
    .map((event) => ({ event, text: JSON.stringify(event), author: textOf(body.authors?.[event.id]) }));
  await vault.changes(events, body.households_to_forget, body.next);
  const households = [...new Set([...events.map(({ event }) => event.household), ...body.households_to_forget])];
  return { households, more: body.more, server_time: body.server_time, elapsed };
}
