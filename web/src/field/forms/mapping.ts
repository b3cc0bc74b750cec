/** What the server says of a form: which answer is which fact (`crates/forms/src/mapping.rs`). */
import type { Words } from "../sync/setup";

export type Purpose = "survey" | "verification" | "visit" | "not_found" | "referral" | "site_task" | "other";
export type ValueType = "text" | "integer" | "decimal" | "boolean" | "date" | "list" | "point" | "file";

export interface Media {
  name: string;
  url: string;
  sha256: string;
  bytes: number;
}

export interface FormItem {
  id: string;
  version: string;
  title: Words;
  purpose: Purpose;
  event: string;
  form: { url: string; sha256: string; bytes: number };
  media?: Media[];
  /** Question → path of a fact. `[]` marks a repeat; `{members}` is the id of the one that is meant. */
  facts: Record<string, string>;
  /** In each repeat, the question that holds that id. */
  repeat_ids?: Record<string, string>;
  consent?: string | null;
  location?: string | null;
  happened_on?: string | null;
  /** The question that the app fills with the household's id before anybody is asked. */
  preset?: string | null;
  household?: string | null;
  types?: Record<string, ValueType>;
  values?: Record<string, Record<string, string>>;
  event_by?: { question: string; kinds: Record<string, string> } | null;
  /** Field of the event → its question, or kind of event → fields of that kind. */
  fields?: Record<string, string | Record<string, string>>;
}

/** The fields that a kind of event takes, each with its question. */
export function fieldsOf(form: FormItem, kind: string): [name: string, question: string][] {
  return Object.entries(form.fields ?? {}).flatMap(([name, from]): [string, string][] =>
    typeof from === "string" ? [[name, from]] : name === kind ? Object.entries(from) : [],
  );
}
