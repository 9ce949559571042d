import { mean } from '../analysis/statistics/percentile.ts';

/** Returns the mean, or 0 of an empty list. */
export function average(values: readonly number[]): number {
  return values.length === 0 ? 0 : mean(values);
}
