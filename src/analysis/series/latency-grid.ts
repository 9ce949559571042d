import { isAnswered } from '../run/attempts.ts';
import type { Run } from '../run/run-view.ts';
import { percentileOfCounts } from '../statistics/counts.ts';
import { ascending, percentile } from '../statistics/percentile.ts';
import { type TimeBins, timeBins } from './time-bins.ts';

/** Calls that started in one column of time and took about as long. Durations in microseconds, `fromUs` included. */
export interface LatencyCell {
  readonly column: number;
  readonly fromUs: number;
  readonly toUs: number;
  readonly calls: number;
}

/** Calls of one column: how many ended, how many of them failed, and percentiles of their durations in microseconds. */
export interface LatencyColumn {
  readonly calls: number;
  readonly failed: number;
  readonly p50Us: number;
  readonly p95Us: number;
}

export interface LatencyGrid {
  readonly columns: TimeBins;
  readonly perColumn: readonly LatencyColumn[];
  readonly cells: readonly LatencyCell[];
  readonly calls: number;
  readonly failed: number;
  readonly p50Us: number;
  readonly p95Us: number;
  readonly leastUs: number;
  readonly mostUs: number;
  /** Median of the answered attempts alone; NaN if unknown. */
  readonly attemptUs: number;
}

const RULE = { most: 120, perBin: 20 };
/** Rows of cells per factor of ten. */
const ROWS_PER_DECADE = 12;

interface Counted {
  readonly atUs: number;
  readonly durationUs: number;
  readonly failed: boolean;
  readonly count: number;
}

/** Counts ended calls by start and duration, retries and waits included; raw load by the second in which its calls ended. */
export function computeLatencyGrid(run: Run): LatencyGrid {
  const counted = run.seconds.length > 0 ? countedSeconds(run) : countedCalls(run);
  const total = counted.reduce((sum, { count }) => sum + count, 0);
  const columns = timeBins(run.endUs, total, RULE);
  const byColumn: Counted[][] = Array.from({ length: columns.count }, () => []);
  const cells = new Map<number, number>();
  let failed = 0;
  for (const one of counted) {
    const column = columns.indexAt(one.atUs);
    byColumn[column]!.push(one);
    if (one.failed) failed += one.count;
    const place = column * ROWS + rowOf(one.durationUs);
    cells.set(place, (cells.get(place) ?? 0) + one.count);
  }
  const durations = sortedDurations(counted);
  return {
    columns,
    perColumn: byColumn.map(describeColumn),
    cells: [...cells]
      .map(([place, calls]) => cellAt(place, calls))
      .sort((a, b) => a.column - b.column || a.fromUs - b.fromUs),
    calls: total,
    failed,
    p50Us: durations.at(50),
    p95Us: durations.at(95),
    leastUs: durations.at(0),
    mostUs: durations.at(100),
    attemptUs: medianAttemptUs(run),
  };
}

function countedCalls({ calls }: Run): Counted[] {
  return calls.flatMap(({ scheduledUs, endUs, result }) =>
    result === 'open'
      ? []
      : [{ atUs: scheduledUs, durationUs: Math.max(1, endUs - scheduledUs), failed: result === 'error', count: 1 }],
  );
}

function countedSeconds({ seconds }: Run): Counted[] {
  return seconds.flatMap(({ startUs, calls = [] }) =>
    calls.flatMap(({ result, durations }) =>
      result === 'open'
        ? []
        : durations.map(([us, count]) => ({
            atUs: startUs,
            durationUs: Math.max(1, us),
            failed: result === 'error',
            count,
          })),
    ),
  );
}

function medianAttemptUs({ attempts, seconds }: Run): number {
  if (seconds.length > 0) return Number.NaN;
  const answered = attempts.filter(isAnswered);
  return percentile(ascending(answered.map(({ startUs, endUs }) => endUs - startUs)), 50);
}

function describeColumn(counted: readonly Counted[]): LatencyColumn {
  const durations = sortedDurations(counted);
  return {
    calls: counted.reduce((sum, { count }) => sum + count, 0),
    failed: counted.reduce((sum, one) => sum + (one.failed ? one.count : 0), 0),
    p50Us: durations.at(50),
    p95Us: durations.at(95),
  };
}

/** Percentiles as the metrics have them: interpolated between records, by rank between counts. */
function sortedDurations(counted: readonly Counted[]): { at(percent: number): number } {
  if (counted.every(({ count }) => count === 1)) {
    const sorted = ascending(counted.map(({ durationUs }) => durationUs));
    return { at: (percent) => percentile(sorted, percent) };
  }
  const counts = counted.map(({ durationUs, count }) => [durationUs, count] as const).sort(([a], [b]) => a - b);
  return { at: (percent) => percentileOfCounts(counts, percent) };
}

/** More rows than any duration needs: 10^16 µs are three centuries. */
const ROWS = 16 * ROWS_PER_DECADE;

function rowOf(us: number): number {
  return Math.min(ROWS - 1, Math.floor(Math.log10(us) * ROWS_PER_DECADE + 1e-9));
}

function cellAt(place: number, calls: number): LatencyCell {
  const row = place % ROWS;
  return {
    column: Math.floor(place / ROWS),
    fromUs: 10 ** (row / ROWS_PER_DECADE),
    toUs: 10 ** ((row + 1) / ROWS_PER_DECADE),
    calls,
  };
}
