/** A time range in microseconds since the start of the run. */
export interface TimeRange {
  readonly startUs: number;
  readonly endUs: number;
}

/** Returns the union of the ranges, in order; touching ranges are merged. */
export function mergeRanges(items: readonly TimeRange[]): TimeRange[] {
  const joined: { startUs: number; endUs: number }[] = [];
  for (const { startUs, endUs } of items.toSorted((a, b) => a.startUs - b.startUs)) {
    const last = joined.at(-1);
    if (last && startUs <= last.endUs) last.endUs = Math.max(last.endUs, endUs);
    else joined.push({ startUs, endUs });
  }
  return joined;
}

/** Returns the parts of `ranges` outside `cut`, in order. `ranges` must be ordered and disjoint. */
export function subtractRanges(ranges: readonly TimeRange[], cut: readonly TimeRange[]): TimeRange[] {
  return cut
    .reduce<readonly TimeRange[]>(
      (left, hole) =>
        left.flatMap(({ startUs, endUs }) =>
          [
            { startUs, endUs: Math.min(endUs, hole.startUs) },
            { startUs: Math.max(startUs, hole.endUs), endUs },
          ].filter((rest) => rest.endUs > rest.startUs),
        ),
      ranges,
    )
    .slice();
}
