import type { Counts } from '../../journal/second-record.ts';

/** How often each value came in all of these together, by value. */
export function merged(all: readonly Counts[]): Counts {
  const sums = new Map<number, number>();
  for (const counts of all) for (const [value, count] of counts) sums.set(value, (sums.get(value) ?? 0) + count);
  return [...sums].sort(([a], [b]) => a - b);
}

/** Every value as often as it came, in ascending order. */
export function* expanded(counts: Counts): Generator<number> {
  for (const [value, count] of counts) for (let one = 0; one < count; one++) yield value;
}

/** The value at a rank of `percent` among all; NaN for none. */
export function percentileOf(counts: Counts, percent: number): number {
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  const rank = (total - 1) * (percent / 100);
  let seen = 0;
  for (const [value, count] of counts) {
    seen += count;
    if (seen > rank) return value;
  }
  return Number.NaN;
}
