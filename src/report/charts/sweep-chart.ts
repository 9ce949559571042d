import { loadKind } from '../../load/load-kind.ts';
import type { Sweep, SweepRow } from '../../plan/sweep.ts';
import type { Dimension } from '../../plan/vary.ts';
import type { SweepFigure } from '../terminal/sweep-lines.ts';
import { capacityChart, fitting } from './capacity-chart.ts';
import { type ChartSpec, chart, labelStyle, line } from './chart-spec.ts';
import { upperBoundShare, upperBoundUs } from './goals.ts';
import { amountText, settingName } from './load-words.ts';

/**
 * Returns the charts of a sweep: of one figure, a line for one dimension and a heat map for two, and of two dimensions of which
 * one is the load, how much load fits. None for more dimensions.
 */
export function sweepCharts(name: string, sweep: Sweep, figure: SweepFigure): ChartSpec[] {
  const [first, second, ...others] = sweep.dimensions;
  if (!first || others.length > 0) return [];
  if (!second) return [lineChart(name, sweep, figure, first)];
  const capacity = capacityChart(name, sweep);
  return [heatMap(name, sweep, figure, first, second), ...(capacity ? [capacity] : [])];
}

const holds = ({ held, seeds }: SweepRow): boolean => held === seeds;

/** What the sweep found: how much load fits, or a setting at which every goal holds. A load itself is never the best one. */
export function sweepTitle({ dimensions, rows, best }: Sweep): string {
  const load = dimensions.find(({ path }) => loadKind(path) !== undefined);
  if (!rows.some(holds)) return `No goal holds at any of ${rows.length} points`;
  const settings = dimensions.filter((dimension) => dimension !== load);
  if (!load)
    return `${settings.map(({ path }) => amountText(path, best.point[path]!)).join(', ')} meets every goal with the fewest failed calls`;
  const most = fitting(rows, load);
  const where = settings.map(({ path }) => `${settingName(path)} ${most?.point[path]}`).join(', ');
  return most
    ? `At most ${amountText(load.path, most.point[load.path]!)} meet every goal${where ? `, with ${where}` : ''}`
    : 'No load meets every goal';
}

function subtitleOf(name: string, { best, rows }: Sweep, figure: SweepFigure): string {
  const goals = goalsOf(rows).map((goal) => goal.replace(/\s*(<=?)\s*/, ' $1 '));
  return `${name}: ${figure.about}, mean of ${best.seeds} seeds. Goals${goals.length === 0 ? ' hold everywhere.' : `: ${goals.join('; ')}.`}`;
}

/** Goals that at least one run missed. */
function goalsOf(rows: readonly SweepRow[]): string[] {
  return [...new Set(rows.flatMap(({ runs }) => runs.flatMap(({ missed }) => missed.map(({ goal }) => goal))))];
}

function lineChart(name: string, sweep: Sweep, figure: SweepFigure, { path, values }: Dimension): ChartSpec {
  const { rows } = sweep;
  const numeric = values.every((value) => !Number.isNaN(Number(value)));
  const x = (row: SweepRow): number => (numeric ? Number(row.point[path]) : values.indexOf(row.point[path]!));
  const data = rows.map((row) => ({ x: numeric ? x(row) : row.point[path]!, y: scaled(figure, row) }));
  const bound = boundOf(figure, rows);
  return chart({
    file: 'sweep.png',
    title: sweepTitle(sweep),
    subtitle: `${subtitleOf(name, sweep, figure)} Shaded: every goal holds.`,
    x: numeric
      ? { type: 'linear', title: settingName(path) }
      : { type: 'category', title: settingName(path), labels: values },
    y: {
      type: 'linear',
      title: figure.about,
      beginAtZero: true,
      ...formatOf(figure),
      ...(bound !== undefined && { suggestedMax: bound * 1.2 }),
    },
    annotations: [...holdingBands(rows.map((row) => ({ at: x(row), holds: holds(row) }))), ...boundLines(bound)],
    datasets: [
      line(figure.about, data as { x: number; y: number }[], '@offered', {
        pointRadius: 4.5,
        pointStyle: 'circle',
        clip: 8,
        endLabel: figure.about,
      }),
    ],
  });
}

/** Shades from the middle between two points to the next where every point between them holds. */
function holdingBands(points: readonly { at: number; holds: boolean }[]): object[] {
  const sorted = points.toSorted((a, b) => a.at - b.at);
  return sorted.flatMap(({ at, holds: held }, index) => {
    if (!held) return [];
    const [before, after] = [sorted[index - 1]?.at ?? at, sorted[index + 1]?.at ?? at];
    return [
      {
        type: 'box',
        xMin: (before + at) / 2,
        xMax: (at + after) / 2,
        backgroundColor: '@admitted 13%',
        borderWidth: 0,
        drawTime: 'beforeDatasetsDraw',
      },
    ];
  });
}

function boundOf({ name }: SweepFigure, rows: readonly SweepRow[]): number | undefined {
  for (const goal of goalsOf(rows)) {
    const [metric, expression = ''] = goal.split(' ');
    if (name === 'failed' && metric === 'call_failed') return 100 * (upperBoundShare(expression) ?? Number.NaN);
    if (name === 'p95' && metric === 'call_duration' && expression.startsWith('p(95)'))
      return (upperBoundUs(expression) ?? Number.NaN) / 1e6;
  }
  return undefined;
}

function boundLines(bound: number | undefined): object[] {
  if (bound === undefined || Number.isNaN(bound)) return [];
  const label = { ...labelStyle('goal'), position: 'start', yAdjust: -13 };
  return [
    {
      type: 'line',
      yScaleID: 'y',
      yMin: bound,
      yMax: bound,
      borderColor: '@limit',
      borderWidth: 1.5,
      borderDash: [10, 6],
      label,
    },
  ];
}

const CELL_HEIGHT = 56;
const MARGIN_HEIGHT = 210;

/** Cells get darker as the figure grows; the region in which every goal holds has an outline. */
function heatMap(name: string, sweep: Sweep, figure: SweepFigure, across: Dimension, up: Dimension): ChartSpec {
  const { rows } = sweep;
  const values = rows.map(figure.of);
  const [min, max] = [Math.min(...values), Math.max(...values)];
  const data = rows.map((row) => ({
    x: row.point[across.path]!,
    y: row.point[up.path]!,
    label: figure.show(figure.of(row)),
    shade: max === min ? 0 : (figure.of(row) - min) / (max - min),
    text: `${figure.show(figure.of(row))}; ${row.held} of ${row.seeds} seeds met every goal`,
  }));
  return chart({
    file: 'sweep.png',
    title: sweepTitle(sweep),
    subtitle: `${subtitleOf(name, sweep, figure)} Outlined: every goal holds.`,
    x: { type: 'category', title: settingName(across.path), labels: across.values, offset: true },
    y: { type: 'category', title: settingName(up.path), labels: up.values, offset: true, reverse: true },
    height: Math.max(360, MARGIN_HEIGHT + CELL_HEIGHT * up.values.length),
    annotations: outline(rows, across, up),
    datasets: [{ type: 'matrix', shades: 'cost', data }],
  });
}

/** Lines between cells of which one holds and the other does not, and at the edges of the map. */
function outline(rows: readonly SweepRow[], across: Dimension, up: Dimension): object[] {
  const place = (row: SweepRow): [number, number] => [
    across.values.indexOf(row.point[across.path]!),
    up.values.indexOf(row.point[up.path]!),
  ];
  const held = new Set(rows.filter(holds).map((row) => place(row).join(' ')));
  const style = { type: 'line', borderColor: '@ink', borderWidth: 4 };
  return rows.filter(holds).flatMap((row) => {
    const [x, y] = place(row);
    const free = (dx: number, dy: number): boolean => !held.has(`${x + dx} ${y + dy}`);
    const side = (at: number, axis: 'x' | 'y', offset: number): object =>
      axis === 'x'
        ? { ...style, xMin: at + offset, xMax: at + offset, yMin: y - 0.5, yMax: y + 0.5 }
        : { ...style, yMin: at + offset, yMax: at + offset, xMin: x - 0.5, xMax: x + 0.5 };
    return [
      ...(free(-1, 0) ? [side(x, 'x', -0.5)] : []),
      ...(free(1, 0) ? [side(x, 'x', 0.5)] : []),
      ...(free(0, -1) ? [side(y, 'y', -0.5)] : []),
      ...(free(0, 1) ? [side(y, 'y', 0.5)] : []),
    ];
  });
}

function scaled({ name, of }: SweepFigure, row: SweepRow): number {
  const value = of(row);
  if (name === 'p95') return value / 1e6;
  return name === 'failed' || name === 'refused' ? value * 100 : value;
}

function formatOf({ name }: SweepFigure): object {
  if (name === 'p95') return { format: 'duration' };
  return name === 'failed' || name === 'refused' ? { format: 'percent' } : {};
}
