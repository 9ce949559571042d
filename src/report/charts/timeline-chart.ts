import { isAnswered, isRejected } from '../../analysis/run/attempts.ts';
import type { Attempt, Call, Run } from '../../analysis/run/run-view.ts';
import { largest } from '../../analysis/statistics/extremes.ts';
import { topBy } from '../../analysis/statistics/top-by.ts';
import { type ChartContent, type ChartMaker, type LeftOut, line, marks, type Point } from './chart-spec.ts';
import { durationText } from './words.ts';

const MAX_CALLS = 30;

/** From this ratio of run to slowest call, calls would be too short to see on the time axis of the run. */
const ALIGN_FROM_RATIO = 20;

const BREAK: Point = { x: Number.NaN, y: Number.NaN };

/** The slowest calls and, for comparison, a typical one: a row for each, waits in grey, attempts in colour. */
export const timelineChart: ChartMaker = { file: 'timeline.png', needs: ['records'], draw };

function draw(run: Run): ChartContent | LeftOut {
  const slowest = topBy(run.calls, durationOf, MAX_CALLS).sort((a, b) => a.scheduledUs - b.scheduledUs || a.id - b.id);
  if (slowest.length === 0) return { leftOut: 'No call was made.' };
  if (slowest.every(({ attempts, result }) => attempts.length === 1 && result === 'ok'))
    return { leftOut: `No call was repeated; the slowest took ${durationText(longestDurationUs(slowest))}.` };
  const typical = typicalCall(run, slowest);
  const rows = typical ? [typical, ...slowest] : slowest;
  const aligned = isAligned(run, slowest);
  const mark = (call: Call, atUs: number): Point => ({
    x: (aligned ? atUs - call.scheduledUs : atUs) / 1e6,
    y: rowOf(call, typical),
  });
  // An attempt that is short beside the run is still seen.
  const leastUs = (aligned ? longestDurationUs(rows) : run.endUs) * 0.003;
  const bar = (call: Call, fromUs: number, toUs: number): Point[] => [mark(call, fromUs), mark(call, toUs), BREAK];
  const attempts = rows.flatMap((call) => call.attempts.map((attempt) => ({ call, attempt })));
  const bars = (isShown: (attempt: Attempt) => boolean): Point[] =>
    attempts
      .filter(({ attempt }) => isShown(attempt))
      .flatMap(({ call, attempt }) => bar(call, attempt.startUs, Math.max(attempt.endUs, attempt.startUs + leastUs)));
  const datasets = [
    line('answered attempt', bars(isAnswered), '@admitted', { borderWidth: 8 }),
    marks(
      'refused',
      attempts.filter(({ attempt }) => isRejected(attempt)).map(({ call, attempt }) => mark(call, attempt.startUs)),
      '@rejected',
      { pointRadius: 4.5 },
    ),
    line(
      'failed attempt',
      bars((attempt) => !isAnswered(attempt) && !isRejected(attempt)),
      '@failed',
      {
        borderWidth: 8,
      },
    ),
    marks(
      'the call gave up',
      rows.filter(({ result }) => result === 'error').map((call) => mark(call, call.endUs)),
      '@ink',
      { pointStyle: 'crossRot', order: -1, pointRadius: 7, borderWidth: 2.5 },
    ),
    line(
      'waiting',
      rows.flatMap((call) => bar(call, call.scheduledUs, call.endUs)),
      '@quiet',
      { borderWidth: 2 },
    ),
  ];
  return {
    title: titleOf(slowest),
    subtitle: `The ${slowest.length} slowest calls by start${typical ? ', and above them a typical one' : ''}.`,
    height: 150 + 22 * Math.max(8, rows.length),
    x: axisOf(aligned ? longestDurationUs(rows) : run.endUs, aligned),
    y: {
      type: 'category',
      title: 'call',
      labels: rows.map((call) => rowOf(call, typical)),
      offset: true,
      ticks: { autoSkip: false, font: { size: 13 } },
    },
    datasets: datasets
      .filter((dataset) => (dataset as { data: readonly Point[] }).data.length > 0)
      .map((dataset) => ({ ...dataset, clip: 12 })),
  };
}

/** Space at both ends, so that no mark is cut. */
function axisOf(endUs: number, aligned: boolean): object {
  const endS = Math.max(0.001, endUs / 1e6);
  const title = aligned ? 'time since the start of each call' : 'time since start';
  return { type: 'linear', format: 'elapsed', title, min: -0.015 * endS, max: 1.02 * endS };
}

/** The successful call of median duration, if there is one that is not among the slowest. */
function typicalCall({ calls }: Run, slowest: readonly Call[]): Call | undefined {
  const others = new Set(slowest);
  const rest = calls.filter((call) => call.result === 'ok' && !others.has(call));
  return rest.sort((a, b) => durationOf(a) - durationOf(b))[Math.floor(rest.length / 2)];
}

function titleOf(slowest: readonly Call[]): string {
  const gaveUp = slowest.filter(({ result }) => result === 'error').length;
  const most = slowest.reduce((count, { attempts }) => Math.max(count, attempts.length), 0);
  const longest = `the slowest call took ${durationText(longestDurationUs(slowest))}`;
  const attempts = `${most} ${most === 1 ? 'attempt' : 'attempts'}`;
  if (gaveUp === 0) return `None of the slowest ${slowest.length} calls gave up: ${longest}, with at most ${attempts}`;
  const who = gaveUp === slowest.length ? `All of these ${gaveUp} calls` : `${gaveUp} of these ${slowest.length} calls`;
  return `${who} gave up, after at most ${attempts}; ${longest}`;
}

const durationOf = ({ scheduledUs, endUs }: Call): number => endUs - scheduledUs;

const rowOf = (call: Call, typical: Call | undefined): string => `${call === typical ? 'typical: ' : ''}#${call.id}`;

/** In a run much longer than its calls, each row starts at zero: on the time axis of the run, calls would be dots. */
function isAligned(run: Run, slowest: readonly Call[]): boolean {
  return slowest.length > 0 && run.endUs > ALIGN_FROM_RATIO * longestDurationUs(slowest);
}

function longestDurationUs(calls: readonly Call[]): number {
  return largest(calls.map(durationOf));
}
