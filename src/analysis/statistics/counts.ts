import type { ValueCounts } from '../../journal/second-record.ts';

/** Sums counts by value; sorted by value. */
export function mergeCounts(all: readonly ValueCounts[]): ValueCounts {
  const sums = new Map<number, number>();
  for (const counts of all) for (const [value, count] of counts) sums.set(value, (sums.get(value) ?? 0) + count);
  return [...sums].sort(([a], [b]) => a - b);
}

/** Yields every value as often as it was counted, in ascending order. */
export function* expandCounts(counts: ValueCounts): Generator<number> {
  for (const [value, count] of counts) for (let n = 0; n < count; n++) yield value;
}

/** Returns the value at the rank of `percent`; NaN for empty counts. */
export function percentileOfCounts(counts: ValueCounts, percent: number): number {
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  const rank = (total - 1) * (percent / 100);
  let below = 0;
  for (const [value, count] of counts) {
    below += count;
    if (below > rank) return value;
  }
  return Number.NaN;
}
