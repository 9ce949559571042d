import { clearest } from '../../analysis/judging/clearest.ts';
import { isAdmitted, isRejected } from '../../analysis/run/attempts.ts';
import type { Attempt, Call, Run } from '../../analysis/run/run-view.ts';
import { formatMetric } from '../format.ts';
import { type ChartSpec, COLOURS, chart, line, marks, type Point } from './chart-spec.ts';

const SLOWEST = 30;

/** So many times as long as its slowest call, and a run leaves no room to see one. */
const LONG_RUN = 20;

const BREAK: Point = { x: Number.NaN, y: Number.NaN };

/** What the slowest calls spent their time on: a row each, waits in grey, attempts in colour. */
export function timelineChart(run: Run): ChartSpec {
  const slowest = clearest(run.calls, ({ scheduledUs, endUs }) => endUs - scheduledUs, SLOWEST).sort(
    (a, b) => a.scheduledUs - b.scheduledUs || a.id - b.id,
  );
  const aligned = isAligned(run, slowest);
  const mark = (call: Call, atUs: number): Point => ({
    x: (aligned ? atUs - call.scheduledUs : atUs) / 1e6,
    y: rowOf(call),
  });
  const bar = (call: Call, fromUs: number, toUs: number): Point[] => [mark(call, fromUs), mark(call, toUs), BREAK];
  const longestS = longestOf(slowest) / 1e6;
  const attempts = slowest.flatMap((call) => call.attempts.map((attempt) => ({ call, attempt })));
  const bars = (wanted: (attempt: Attempt) => boolean): Point[] =>
    attempts
      .filter(({ attempt }) => wanted(attempt))
      .flatMap(({ call, attempt }) => bar(call, attempt.startUs, attempt.endUs));
  const failed = slowest.filter(({ result }) => result === 'error');
  return chart({
    file: 'timeline.png',
    title: titleOf(slowest),
    subtitle: `The ${slowest.length} slowest calls, by start: grey is waiting, a mark is a refusal.`,
    height: 760,
    x: aligned
      ? { type: 'linear', title: "time since each call's own start (s)", min: 0, max: Math.max(1, longestS) }
      : { type: 'linear', title: 'time since start (s)', min: 0, max: Math.max(1, Math.ceil(run.endUs / 1e6)) },
    y: {
      type: 'category',
      title: 'call',
      labels: slowest.map(rowOf),
      offset: true,
      ticks: { autoSkip: false, font: { size: 12 } },
    },
    datasets: [
      line('admitted attempt', bars(isAdmitted), COLOURS.admitted, { borderWidth: 7 }),
      marks(
        'refused (429)',
        attempts.filter(({ attempt }) => isRejected(attempt)).map(({ call, attempt }) => mark(call, attempt.startUs)),
        COLOURS.rejected,
        { pointRadius: 4 },
      ),
      line(
        'cut off or failed otherwise',
        bars((attempt) => !isAdmitted(attempt) && !isRejected(attempt)),
        COLOURS.failed,
        { borderWidth: 7 },
      ),
      marks(
        'call failed',
        failed.map((call) => mark(call, call.endUs)),
        COLOURS.limit,
        { pointStyle: 'crossRot', order: -1, pointRadius: 7, borderWidth: 2.5 },
      ),
      line(
        'waiting',
        slowest.flatMap((call) => bar(call, call.scheduledUs, call.endUs)),
        COLOURS.quiet,
        { borderWidth: 2 },
      ),
    ],
  });
}

function titleOf(slowest: readonly Call[]): string {
  if (slowest.length === 0) return 'No call was made';
  const longest = longestOf(slowest);
  const most = Math.max(...slowest.map(({ attempts }) => attempts.length));
  return `The slowest call took ${formatMetric(longest)}; the busiest of these made ${most} ${most === 1 ? 'attempt' : 'attempts'}`;
}

const rowOf = ({ id }: Call): string => `#${id}`;

/** In a run that is many times longer than its calls they would be dots; then each starts at zero. */
function isAligned(run: Run, slowest: readonly Call[]): boolean {
  return slowest.length > 0 && run.endUs > LONG_RUN * longestOf(slowest);
}

function longestOf(calls: readonly Call[]): number {
  return calls.reduce((longest, { scheduledUs, endUs }) => Math.max(longest, endUs - scheduledUs), 0);
}
