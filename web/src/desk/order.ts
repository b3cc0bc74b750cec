/** What people choose from, in the order in which they look for it: by the letters of the language, numbers by their size. */
export interface Choice {
  id: string;
  label: string;
}

export function inOrder<T extends Choice>(choices: readonly T[], lang: string): T[] {
  const { compare } = new Intl.Collator(lang, { numeric: true });
  return [...choices].sort((a, b) => compare(a.label, b.label) || compare(a.id, b.id));
}

/** Each label once: where two things have one name, their ids tell them apart. */
export function distinct<T extends Choice>(choices: readonly T[]): T[] {
  const counts = new Map<string, number>();
  for (const { label } of choices) counts.set(label, (counts.get(label) ?? 0) + 1);
  return choices.map((one) => ((counts.get(one.label) ?? 0) > 1 ? { ...one, label: `${one.label} (${one.id})` } : one));
}

/** The choice that a typed text means: its label, or the only one that begins with the text or has it inside. */
export function meant<T extends Choice>(choices: readonly T[], typed: string): T | null {
  const text = typed.trim().toLocaleLowerCase();
  if (!text) return null;
  const named = choices.map((one) => ({ one, label: one.label.toLocaleLowerCase() }));
  const exact = named.find(({ label }) => label === text);
  if (exact) return exact.one;
  for (const fits of [(label: string) => label.startsWith(text), (label: string) => label.includes(text)]) {
    const found = named.filter(({ label }) => fits(label));
    if (found.length > 0) return found.length === 1 ? (found[0]?.one ?? null) : null;
  }
  return null;
}
