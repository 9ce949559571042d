/** Start and end in microseconds since the start of the run. */
interface Timed {
  readonly startUs: number;
  readonly endUs: number;
}

/** Creates a function that counts the items open at a time, both ends included, in logarithmic time. */
export function createOpenCounter(items: readonly Timed[]): (atUs: number) => number {
  const starts = Float64Array.from(items, ({ startUs }) => startUs).sort();
  const ends = Float64Array.from(items, ({ endUs }) => endUs).sort();
  return (atUs) => countUpTo(starts, atUs, true) - countUpTo(ends, atUs, false);
}

/** Counts the sorted values below `bound`, or up to and including it if `included`. */
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

/** Returns the maximum number of items open at once, and the first time it is reached. */
export function findPeak(items: readonly Timed[]): { readonly count: number; readonly atUs: number } {
  const starts = Float64Array.from(items, ({ startUs }) => startUs).sort();
  const ends = Float64Array.from(items, ({ endUs }) => endUs).sort();
  let peak = { count: 0, atUs: 0 };
  let ended = 0;
  for (const [started, atUs] of starts.entries()) {
    while (ended < ends.length && ends[ended]! <= atUs) ended++;
    // An item of zero duration ends before it is counted.
    const count = started + 1 - Math.min(ended, started);
    if (count > peak.count) peak = { count, atUs };
  }
  return peak;
}
