/** A growing delay in milliseconds with full jitter above half of it, so that a crowd cut off together returns spread out. */
export function backoff(attempt: number, random: () => number, first = 500, longest = 30_000): number {
  const ceiling = Math.min(longest, first * 2 ** Math.min(attempt, 16));
  return Math.round(ceiling * (0.5 + random() / 2));
}
