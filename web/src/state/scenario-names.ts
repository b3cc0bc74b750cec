/** In what form a scenario is kept: its name in addresses, its weights as people write them. */
import type { Scenario } from "../api/types";

/** Weights as people write them: per cent, without what binary fractions leave behind. */
export function tidied(scenario: Scenario): Scenario {
  const sum = scenario.criterion.reduce((all, { weight }) => all + weight, 0);
  const isShares = Math.abs(sum - 1) < 1e-6;
  return {
    ...scenario,
    criterion: scenario.criterion.map((criterion) => ({
      ...criterion,
      weight: isShares ? Number((criterion.weight * 100).toFixed(4)) : criterion.weight,
    })),
  };
}

/** A name for addresses out of a title; titles in Khmer script have no letters for one. */
export function nameFrom(title: string, taken: readonly string[]): string {
  const plain = title
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 56)
    .replace(/-+$/, "");
  const base = plain || "scenario";
  if (!taken.includes(base) && plain) return base;
  for (let n = 2; ; n += 1) if (!taken.includes(`${base}-${n}`)) return `${base}-${n}`;
}

export function isName(name: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(name);
}
