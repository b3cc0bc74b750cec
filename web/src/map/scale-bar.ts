/** The longest round length (1, 2 or 5 times a power of ten metres) up to `most` metres; null where there is none. */
export function roundLength(most: number): number | null {
  if (!(most > 0) || !Number.isFinite(most)) return null;
  const power = 10 ** Math.floor(Math.log10(most));
  return ([5, 2, 1].find((step) => step * power <= most) ?? 1) * power;
}
