/** Marks on an axis of ranks: 1, 2, 5, 10, 20, … up to the farthest. */
export function rankTicks(farthest: number): number[] {
  const ticks: number[] = [];
  for (let power = 1; power <= farthest; power *= 10) {
    for (const step of [1, 2, 5]) if (step * power <= farthest) ticks.push(step * power);
  }
  return ticks;
}
