/** All that a figure may be: printed figures are cut or rounded, so each says between what the true one lies. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** What lies in all of them; undefined where nothing does. */
export function common(ranges: readonly Range[]): Range | undefined {
  let low = -Infinity;
  let high = Infinity;
  for (const range of ranges) {
    low = Math.max(low, range.low);
    high = Math.min(high, range.high);
  }
  return low <= high ? { low, high } : undefined;
}

export function widened({ low, high }: Range, by: number): Range {
  return { low: low - by, high: high + by };
}

export function middle({ low, high }: Range): number {
  return (low + high) / 2;
}
