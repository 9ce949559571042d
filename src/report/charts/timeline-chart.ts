import { isAdmitted, isRejected } from '../../analysis/attempts.ts';
import type { Attempt, Call, Run } from '../../analysis/run-view.ts';
import { formatMetric } from '../format.ts';
import { type ChartSpec, COLOURS, chart, line, marks, type Point } from './chart-spec.ts';

const SLOWEST = 30;

const BREAK: Point = { x: Number.NaN, y: Number.NaN };

/** What the slowest calls spent their time on: a row each, waits in grey, attempts in colour. */
export function timelineChart(run: Run): ChartSpec {
  const slowest = run.calls
    .toSorted((a, b) => b.endUs - b.scheduledUs - (a.endUs - a.scheduledUs) || a.id - b.id)
    .slice(0, SLOWEST)
    .sort((a, b) => a.scheduledUs - b.scheduledUs || a.id - b.id);
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
    x: { type: 'linear', title: 'time since start (s)', min: 0, max: Math.max(1, Math.ceil(run.endUs / 1e6)) },
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
  const longest = Math.max(...slowest.map(({ scheduledUs, endUs }) => endUs - scheduledUs));
  const most = Math.max(...slowest.map(({ attempts }) => attempts.length));
  return `The slowest call took ${formatMetric(longest)}; the busiest of these made ${most} ${most === 1 ? 'attempt' : 'attempts'}`;
}

const rowOf = ({ id }: Call): string => `#${id}`;

const mark = (call: Call, atUs: number): Point => ({ x: atUs / 1e6, y: rowOf(call) });

const bar = (call: Call, fromUs: number, toUs: number): Point[] => [mark(call, fromUs), mark(call, toUs), BREAK];
