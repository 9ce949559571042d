import { computeMetric } from './metrics.ts';
import { percentile } from './percentile.ts';
import type { Run } from './run-view.ts';

/** Timers of a machine are late by themselves: 10 ms, or twice the lateness that the run itself showed (`backoff.md` 3.0). */
const LEAST_WALL_US = 10_000;
/** A clock that jumps is exact to its millisecond. */
const VIRTUAL_US = 1000;

/** How far two moments of a run may be apart and still count as the same. Microseconds. */
export function toleranceUs(run: Run): number {
  if (run.header.time !== 'wall') return VIRTUAL_US;
  const lateness = computeMetric(run, 'start_lateness', {});
  const lateUs = lateness.type === 'trend' && lateness.sorted.length > 0 ? percentile(lateness.sorted, 99) : 0;
  return Math.max(LEAST_WALL_US, 2 * lateUs);
}
