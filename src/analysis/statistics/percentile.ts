/**
 * The value below which `percent` of the samples lie, by linear interpolation between the two nearest as k6 does: rank
 * (n − 1) × percent / 100 of the samples in ascending order. Exact; NaN for no samples.
 */
export function percentile(sorted: readonly number[], percent: number): number {
  const rank = (sorted.length - 1) * (percent / 100);
  const below = sorted[Math.floor(rank)] ?? Number.NaN;
  const above = sorted[Math.ceil(rank)] ?? Number.NaN;
  return below + (above - below) * (rank - Math.floor(rank));
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** A copy in ascending order; numbers by themselves are sorted many times faster than by a comparison. */
export function ascending(values: readonly number[]): number[] {
  return Array.from(Float64Array.from(values).sort());
}

export function median(values: readonly number[]): number {
  return percentile(ascending(values), 50);
}
