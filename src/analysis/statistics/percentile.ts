import { mean as meanOfSome } from 'simple-statistics';

/**
 * Returns the percentile of samples in ascending order, by linear interpolation between the two nearest samples at rank
 * (n − 1) × percent / 100, as in k6. NaN without samples.
 */
export function percentile(sorted: readonly number[], percent: number): number {
  const rank = (sorted.length - 1) * (percent / 100);
  const below = sorted[Math.floor(rank)] ?? Number.NaN;
  const above = sorted[Math.ceil(rank)] ?? Number.NaN;
  return below + (above - below) * (rank - Math.floor(rank));
}

/** Returns the arithmetic mean; NaN without samples. */
export function mean(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : meanOfSome(values as number[]);
}

/** Returns a sorted copy. A typed array sorts many times faster than a comparator. */
export function ascending(values: readonly number[]): number[] {
  return Array.from(Float64Array.from(values).sort());
}

export function median(values: readonly number[]): number {
  return percentile(ascending(values), 50);
}
