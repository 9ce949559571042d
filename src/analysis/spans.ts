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
