import { computeMetric } from '../metrics/metrics.ts';
import { isRepeatable } from '../run/repeatable.ts';
import type { Run } from '../run/run-view.ts';
import { percentile } from '../statistics/percentile.ts';

/**
 * Timers of a machine are late by themselves: 10 ms, or twice the lateness that the run itself showed (`backoff.md` 3.0).
 * Where clocks run k times as fast the same is k times as long; a run's lateness is measured on its own clock and has it in
 * it.
 */
const LEAST_WALL_US = 10_000;
/** A clock that jumps is exact to its millisecond. */
const VIRTUAL_US = 1000;

/** How far two moments of a run may be apart and still count as the same. Microseconds. */
export function toleranceUs(run: Run): number {
  if (run.header.recorded) return LEAST_WALL_US + run.header.recorded.resolutionUs;
  const { time, scenario } = run.header;
  if (isRepeatable(time)) return VIRTUAL_US;
  return Math.max(LEAST_WALL_US * (scenario.speed ?? 1), 2 * lateness(run, 99));
}

/** How late timers of the run usually were: none are where clocks jump. Microseconds. */
export function latenessUs(run: Run): number {
  return isRepeatable(run.header.time) ? 0 : lateness(run, 50);
}

function lateness(run: Run, percent: number): number {
  const metric = computeMetric(run, 'start_lateness', {});
  return metric.type === 'trend' && metric.sorted.length > 0 ? percentile(metric.sorted, percent) : 0;
}
