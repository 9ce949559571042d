/** Something that lasts, in microseconds since the start of the run. */
interface Lasting {
  readonly startUs: number;
  readonly endUs: number;
}

/** Counts how many of these were open at a moment, both ends included. Each question takes logarithmic time. */
export function openAt(items: readonly Lasting[]): (atUs: number) => number {
  const starts = Float64Array.from(items, ({ startUs }) => startUs).sort();
  const ends = Float64Array.from(items, ({ endUs }) => endUs).sort();
  return (atUs) => countUpTo(starts, atUs, true) - countUpTo(ends, atUs, false);
}

/** How many of the ascending values are below a bound, or at it where that counts. */
function countUpTo(ascending: Float64Array, bound: number, included: boolean): number {
  let low = 0;
  for (let high = ascending.length; low < high; ) {
    const middle = (low + high) >> 1;
    const value = ascending[middle]!;
    if (value < bound || (included && value === bound)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The most that are open at once, and the first moment at which they are. */
export function peakOf(items: readonly Lasting[]): { readonly count: number; readonly atUs: number } {
  const starts = Float64Array.from(items, ({ startUs }) => startUs).sort();
  const ends = Float64Array.from(items, ({ endUs }) => endUs).sort();
  let peak = { count: 0, atUs: 0 };
  let ended = 0;
  for (const [started, atUs] of starts.entries()) {
    while (ended < ends.length && ends[ended]! <= atUs) ended++;
    // One that takes no time has ended before it counts.
    const count = started + 1 - Math.min(ended, started);
    if (count > peak.count) peak = { count, atUs };
  }
  return peak;
}
