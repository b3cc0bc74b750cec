/** The lists that forms ask for by name: made from what the phone knows, so that a form can show last time's answers. */
import type { State } from "../fold/state";
import { locale } from "../words/locale.svelte";
import type { SiteItem, Task } from "../sync/setup";

export interface Lists {
  setup: { sites?: { items: SiteItem[] } } | null;
  tasks: readonly Task[];
  book: { open(id: string): Promise<{ state: State } | null> };
}

const cell = (value: unknown): string => {
  const text =
    value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

const csv = (rows: Record<string, unknown>[], columns: string[]): string =>
  [columns, ...rows.map((row) => columns.map((column) => cell(row[column])))].map((line) => line.join(",")).join("\n");

/** A list as CSV, or null where the name is none. Of households it holds the one that the form is about; so of tasks, where it is about one. */
export async function listOf(
  name: string,
  { setup, book, tasks }: Lists,
  household: string | null,
): Promise<string | null> {
  if (name === "tasks.csv") {
    return csv(
      tasks
        .filter(({ id }) => household === null || id === household)
        .map(({ id, question, site }) => ({
          name: id,
          label: locale.say(question),
          question: locale.say(question),
          site: site?.id,
          answered: "",
        })),
      ["name", "label", "question", "site", "answered"],
    );
  }
  if (name === "sites.csv") {
    const sites = setup?.sites?.items ?? [];
    return csv(
      sites.map(({ id, name: en, name_km: km }) => ({ name: id, label: km ?? en ?? id, label_en: en ?? km ?? id })),
      ["name", "label", "label_en"],
    );
  }
  if (name !== "households.csv") return null;
  const detail = household === null ? null : await book.open(household);
  if (!detail || household === null) return "name,label,code";
  const row: Record<string, unknown> = { name: household, label: household, code: "" };
  for (const [path, { values }] of Object.entries(detail.state.facts)) {
    // Answers in conflict are nobody's last answer.
    if (!path.includes("/") && values.length === 1) row[path.replaceAll(".", "_")] = values[0]?.value;
  }
  row["label"] = row["head_name"] ?? household;
  row["code"] = String(row["card_code"] ?? "").replaceAll("-", "");
  return csv([row], Object.keys(row));
}
