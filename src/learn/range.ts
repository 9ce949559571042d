import type { Range } from '../../mock-server/dialects/stated-wait.ts';

/** Returns the intersection of all ranges, or undefined if it is empty. */
export function intersect(ranges: readonly Range[]): Range | undefined {
  let low = -Infinity;
  let high = Infinity;
  for (const range of ranges) {
    low = Math.max(low, range.low);
    high = Math.min(high, range.high);
  }
  return low <= high ? { low, high } : undefined;
}

export function widen({ low, high }: Range, by: number): Range {
  return { low: low - by, high: high + by };
}

export function midpoint({ low, high }: Range): number {
  return (low + high) / 2;
}
