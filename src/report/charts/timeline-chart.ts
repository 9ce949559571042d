import { isAnswered, isRejected } from '../../analysis/run/attempts.ts';
import type { Attempt, Call, Run } from '../../analysis/run/run-view.ts';
import { topBy } from '../../analysis/statistics/top-by.ts';
import { formatMetric } from '../format.ts';
import { type ChartContent, type ChartMaker, line, marks, type Point } from './chart-spec.ts';

const MAX_CALLS = 30;

/** From this ratio of run to slowest call, calls would be too short to see on the time axis of the run. */
const ALIGN_FROM_RATIO = 20;

const BREAK: Point = { x: Number.NaN, y: Number.NaN };

/** The slowest calls: one row per call, waits in grey, attempts in colour. */
export const timelineChart: ChartMaker = { file: 'timeline.png', needs: ['records'], draw };

function draw(run: Run): ChartContent {
  const slowest = topBy(run.calls, ({ scheduledUs, endUs }) => endUs - scheduledUs, MAX_CALLS).sort(
    (a, b) => a.scheduledUs - b.scheduledUs || a.id - b.id,
  );
  const aligned = isAligned(run, slowest);
  const mark = (call: Call, atUs: number): Point => ({
    x: (aligned ? atUs - call.scheduledUs : atUs) / 1e6,
    y: rowOf(call),
  });
  const bar = (call: Call, fromUs: number, toUs: number): Point[] => [mark(call, fromUs), mark(call, toUs), BREAK];
  const longestS = longestDurationUs(slowest) / 1e6;
  const attempts = slowest.flatMap((call) => call.attempts.map((attempt) => ({ call, attempt })));
  const bars = (isShown: (attempt: Attempt) => boolean): Point[] =>
    attempts
      .filter(({ attempt }) => isShown(attempt))
      .flatMap(({ call, attempt }) => bar(call, attempt.startUs, attempt.endUs));
  const failed = slowest.filter(({ result }) => result === 'error');
  return {
    title: titleOf(slowest),
    subtitle: `The ${slowest.length} slowest calls, by start. Grey: waiting. Marks: refusals.`,
    height: 760,
    x: aligned
      ? { type: 'linear', title: 'time since the start of each call (s)', min: 0, max: Math.max(1, longestS) }
      : { type: 'linear', title: 'time since start (s)', min: 0, max: Math.max(1, Math.ceil(run.endUs / 1e6)) },
    y: {
      type: 'category',
      title: 'call',
      labels: slowest.map(rowOf),
      offset: true,
      ticks: { autoSkip: false, font: { size: 12 } },
    },
    datasets: [
      line('answered attempt', bars(isAnswered), '@admitted', { borderWidth: 7 }),
      marks(
        'refused (429)',
        attempts.filter(({ attempt }) => isRejected(attempt)).map(({ call, attempt }) => mark(call, attempt.startUs)),
        '@rejected',
        { pointRadius: 4 },
      ),
      line(
        'failed (5xx, broken, unreadable)',
        bars((attempt) => !isAnswered(attempt) && !isRejected(attempt)),
        '@failed',
        { borderWidth: 7 },
      ),
      marks(
        'failed call',
        failed.map((call) => mark(call, call.endUs)),
        '@limit',
        { pointStyle: 'crossRot', order: -1, pointRadius: 7, borderWidth: 2.5 },
      ),
      line(
        'waiting',
        slowest.flatMap((call) => bar(call, call.scheduledUs, call.endUs)),
        '@quiet',
        { borderWidth: 2 },
      ),
    ],
  };
}

function titleOf(slowest: readonly Call[]): string {
  if (slowest.length === 0) return 'No call was made';
  const longest = longestDurationUs(slowest);
  const maxAttempts = Math.max(...slowest.map(({ attempts }) => attempts.length));
  return `The slowest call took ${formatMetric(longest)}; at most ${maxAttempts} ${maxAttempts === 1 ? 'attempt' : 'attempts'} in one call`;
}

const rowOf = ({ id }: Call): string => `#${id}`;

/** In a run much longer than its calls, each row starts at zero: on the time axis of the run calls would be dots. */
function isAligned(run: Run, slowest: readonly Call[]): boolean {
  return slowest.length > 0 && run.endUs > ALIGN_FROM_RATIO * longestDurationUs(slowest);
}

function longestDurationUs(calls: readonly Call[]): number {
  return calls.reduce((longest, { scheduledUs, endUs }) => Math.max(longest, endUs - scheduledUs), 0);
}
