import { computeMetric } from '../metrics/metrics.ts';
import { isRepeatable } from '../run/repeatable.ts';
import type { Run } from '../run/run-view.ts';
import { percentile } from '../statistics/percentile.ts';

/**
 * The minimum tolerance on a machine clock, because timers fire late (`backoff.md` 3.0). The tolerance is twice the lateness
 * measured in the run if that is larger: of the starts of calls, and of the runner's timers. In scaled time, this minimum is
 * multiplied by the speed; the measured lateness already includes it.
 */
const MIN_WALL_US = 10_000;
/** A virtual clock is exact to the millisecond. */
const VIRTUAL_US = 1000;

/** The difference up to which two times of a run count as equal, in microseconds. */
export function toleranceUs(run: Run): number {
  if (run.header.recorded) return MIN_WALL_US + run.header.recorded.resolutionUs;
  const { time, scenario } = run.header;
  if (isRepeatable(time)) return VIRTUAL_US;
  return Math.max(MIN_WALL_US * (scenario.speed ?? 1), 2 * lateness(run, 99), 2 * (run.timersLateUs ?? 0));
}

/** The median lateness of timers in the run, in microseconds; 0 in virtual time. */
export function latenessUs(run: Run): number {
  return isRepeatable(run.header.time) ? 0 : lateness(run, 50);
}

function lateness(run: Run, percent: number): number {
  const metric = computeMetric(run, 'start_lateness', {});
  return metric.type === 'trend' && metric.sorted.length > 0 ? percentile(metric.sorted, percent) : 0;
}
