/** A stretch of time, in microseconds since the start of the run. */
export interface Span {
  readonly startUs: number;
  readonly endUs: number;
}

/** The stretches in which at least one of these lasts, in order; those that touch are one. */
export function spansOf(items: readonly Span[]): Span[] {
  const joined: { startUs: number; endUs: number }[] = [];
  for (const { startUs, endUs } of items.toSorted((a, b) => a.startUs - b.startUs)) {
    const last = joined.at(-1);
    if (last && startUs <= last.endUs) last.endUs = Math.max(last.endUs, endUs);
    else joined.push({ startUs, endUs });
  }
  return joined;
}

/** What is left of these stretches, in order and apart, where others are cut out of them. */
export function without(spans: readonly Span[], cut: readonly Span[]): Span[] {
  return cut
    .reduce<readonly Span[]>(
      (left, hole) =>
        left.flatMap(({ startUs, endUs }) =>
          [
            { startUs, endUs: Math.min(endUs, hole.startUs) },
            { startUs: Math.max(startUs, hole.endUs), endUs },
          ].filter((rest) => rest.endUs > rest.startUs),
        ),
      spans,
    )
    .slice();
}
