import { isAnswered } from '../run/attempts.ts';
import type { Run } from '../run/run-view.ts';
import { largest } from '../statistics/extremes.ts';
import { ascending, percentile } from '../statistics/percentile.ts';
import { type TimeBins, timeBins } from './time-bins.ts';

/** One time bin of a run, as runs are compared with each other. NaN where nothing happened that it could tell. */
export interface CoursePoint {
  /** Requests per second: all, and those that were let in. */
  readonly sent: number;
  readonly admitted: number;
  /** Share of the calls that started in the bin and failed. */
  readonly failed: number;
  /** Percentile of the durations of these calls, in microseconds. */
  readonly p95Us: number;
}

/** The same bins for all of several runs: of the longest, with enough calls of the smallest. */
export function commonBins(runs: readonly Run[]): TimeBins {
  const events = runs.map(({ calls }) => calls.length).sort((a, b) => a - b)[0] ?? 0;
  return timeBins(largest([1, ...runs.map(({ endUs }) => endUs)]), events, { most: 80, perBin: 12 });
}

/** Computes the course of a run over bins; raw load, which has no calls, is not among them. */
export function computeCourse({ attempts, calls, endUs }: Run, bins: TimeBins): CoursePoint[] {
  const counts = Array.from({ length: bins.count }, () => ({
    sent: 0,
    admitted: 0,
    failed: 0,
    durations: [] as number[],
  }));
  for (const attempt of attempts) {
    const bin = counts[bins.indexAt(attempt.startUs)]!;
    bin.sent++;
    if (isAnswered(attempt)) bin.admitted++;
  }
  for (const { scheduledUs, endUs: doneUs, result } of calls) {
    if (result === 'open') continue;
    const bin = counts[bins.indexAt(scheduledUs)]!;
    bin.durations.push(Math.max(1, doneUs - scheduledUs));
    if (result === 'error') bin.failed++;
  }
  return counts.map(({ sent, admitted, failed, durations }, index) => {
    // A run that ended earlier has no rate in the bins after its end.
    const isOver = bins.startS(index) * 1e6 >= endUs;
    const perSecond = (count: number): number => (isOver ? Number.NaN : count / bins.spanS(index));
    return {
      sent: perSecond(sent),
      admitted: perSecond(admitted),
      failed: durations.length === 0 ? Number.NaN : failed / durations.length,
      p95Us: percentile(ascending(durations), 95),
    };
  });
}
