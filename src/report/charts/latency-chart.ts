import type { Analysis } from '../../analysis/analysis.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import { computeLatencyGrid, type LatencyColumn, type LatencyGrid } from '../../analysis/series/latency-grid.ts';
import { largest } from '../../analysis/statistics/extremes.ts';
import { type ChartContent, type ChartMaker, elapsedAxis, type LeftOut, namedLine, type Point } from './chart-spec.ts';
import { durationGoals } from './goals.ts';
import { phaseMarks } from './phase-marks.ts';
import type { Cell } from './plugins/cells.ts';
import { durationText, percentText, shareOf } from './words.ts';

/** Durations that differ by less than this factor are no distribution. */
const CONSTANT_RATIO = 1.05;

/** How long calls took, retries and waits included: a heat map with percentiles, and the share of calls that failed. */
export const latencyChart: ChartMaker = { file: 'latency.png', needs: ['durations'], draw };

function draw(run: Run, { thresholds, rawLoad }: Analysis): ChartContent | LeftOut {
  const grid = computeLatencyGrid(run);
  if (grid.calls === 0) return { leftOut: 'No call ended.' };
  if (grid.failed === 0 && grid.mostUs < grid.leastUs * CONSTANT_RATIO)
    return { leftOut: `Every call took ${durationText(grid.p50Us)}.` };
  const goals = durationGoals(thresholds);
  const [fromUs, toUs] = edgesOf(
    grid,
    goals.map(({ boundUs }) => boundUs),
  );
  const failures = grid.failed > 0;
  return {
    title: titleOf(grid, goals),
    subtitle: `Darker: more calls${rawLoad === null ? '; retries and waits included' : ''}.${failures ? ' Below: the share of calls that failed.' : ''}`,
    x: elapsedAxis(run.endUs),
    y: {
      type: 'logarithmic',
      reverse: false,
      format: 'duration',
      title: 'duration of a call',
      min: fromUs / 1e6,
      max: toUs / 1e6,
      ...(failures && { stack: 'calls', stackWeight: 4, weight: 1 }),
    },
    ...(failures && { axes: { failed: failedAxis() } }),
    annotations: [
      ...phaseMarks(run, failures ? ['y', 'failed'] : ['y']),
      ...goals.map(({ label, boundUs }) => goalLine(label, boundUs / 1e6)),
    ],
    datasets: [
      namedLine('p(95)', quantiles(grid, 'p95Us'), '@rejected', { spanGaps: true }),
      namedLine('median', quantiles(grid, 'p50Us'), '@ink', { spanGaps: true }),
      ...attemptLine(run, grid),
      ...(failures ? [failedBars(grid)] : []),
      { type: 'matrix', data: cellsOf(grid), yAxisID: 'y', order: 3 },
    ],
    height: failures ? 680 : 600,
  };
}

/** Logarithmic edges beyond every cell and goal. */
function edgesOf({ cells, leastUs, mostUs }: LatencyGrid, bounds: readonly number[]): [number, number] {
  const fromUs = Math.min(
    ...bounds,
    cells.reduce((least, cell) => Math.min(least, cell.fromUs), leastUs),
  );
  const toUs = Math.max(
    ...bounds,
    cells.reduce((most, cell) => Math.max(most, cell.toUs), mostUs),
  );
  return [fromUs / 1.15, toUs * 1.25];
}

function titleOf({ calls, failed, p50Us, p95Us }: LatencyGrid, goals: ReturnType<typeof durationGoals>): string {
  const missed = goals.find(({ ok }) => !ok);
  const against = missed ? `, over the goal of ${durationText(missed.boundUs)}` : '';
  const failing = failed > 0 ? `; ${shareOf(failed / calls, 'call', 'calls').toLowerCase()} fail` : '';
  return `Half the calls end within ${durationText(p50Us)}, 95 % within ${durationText(p95Us)}${against}${failing}`;
}

function middle({ columns }: LatencyGrid, index: number): number {
  return columns.startS(index) + columns.lengthS / 2;
}

/** Percentiles of columns with very few calls are not drawn: they jump. */
const FEWEST = 3;

function quantiles(grid: LatencyGrid, of: 'p50Us' | 'p95Us'): Point[] {
  return grid.perColumn.flatMap((column, index) =>
    column.calls >= Math.min(FEWEST, grid.calls) ? [{ x: middle(grid, index), y: column[of] / 1e6 }] : [],
  );
}

/** The answered attempt alone: what calls would take if none waited. Left out where that is what they take. */
function attemptLine({ endUs }: Run, { attemptUs, p50Us, p95Us }: LatencyGrid): object[] {
  if (!(attemptUs > 0) || (p50Us < 1.3 * attemptUs && p95Us < 1.3 * attemptUs)) return [];
  const data = [0, endUs / 1e6].map((x) => ({ x, y: attemptUs / 1e6 }));
  return [namedLine('one answered\nattempt, median', data, '@admitted', { borderDash: [3, 4], borderWidth: 2 })];
}

function cellsOf({ cells, columns }: LatencyGrid): Cell[] {
  const most = largest(cells.map(({ calls }) => calls));
  return cells.map(({ column, fromUs, toUs, calls }) => ({
    x: columns.startS(column),
    x2: columns.startS(column) + columns.spanS(column),
    y: fromUs / 1e6,
    y2: toUs / 1e6,
    // Few calls among very many must stay visible.
    shade: 0.12 + 0.88 * (Math.log1p(calls) / Math.log1p(most)),
    text: `${calls} ${calls === 1 ? 'call' : 'calls'} of ${durationText(fromUs)} to ${durationText(toUs)}`,
  }));
}

function failedAxis(): object {
  return {
    type: 'linear',
    format: 'percent',
    title: 'failed',
    min: 0,
    // Room between its highest tick and the lowest of the panel above.
    max: 118,
    ticks: { stepSize: 50 },
    stack: 'calls',
    stackWeight: 1,
    weight: 0,
  };
}

function failedBars(grid: LatencyGrid): object {
  const share = ({ failed, calls }: LatencyColumn): number => (calls === 0 ? 0 : failed / calls);
  return {
    type: 'bar',
    data: grid.perColumn.map((column, index) => ({
      x: middle(grid, index),
      y: share(column) * 100,
      text: `${percentText(share(column))} of ${column.calls} calls failed`,
    })),
    yAxisID: 'failed',
    grouped: false,
    barPercentage: 1,
    categoryPercentage: 1,
    backgroundColor: '@failed',
    borderWidth: 0,
  };
}

function goalLine(label: string, y: number): object {
  return {
    type: 'line',
    yScaleID: 'y',
    yMin: y,
    yMax: y,
    borderColor: '@limit',
    borderWidth: 2,
    borderDash: [10, 6],
    label: {
      display: true,
      content: label,
      position: 'start',
      color: '@text',
      backgroundColor: '@paper 80%',
      padding: 4,
      yAdjust: -14,
      font: { size: 14, weight: 'normal' },
    },
  };
}
