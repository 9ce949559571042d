import type { Sweep, SweepRow } from '../../plan/sweep.ts';
import type { Dimension } from '../../plan/vary.ts';
import type { SweepFigure } from '../terminal/sweep-lines.ts';
import { type ChartSpec, chart, line } from './chart-spec.ts';

/** Returns the chart of one figure of a sweep: a line for one dimension, a heat map for two, undefined for more. */
export function sweepChart(name: string, sweep: Sweep, figure: SweepFigure): ChartSpec | undefined {
  const [first, second, ...others] = sweep.dimensions;
  if (!first || others.length > 0) return undefined;
  return second ? heatMap(name, sweep, figure, first, second) : lineChart(name, sweep, figure, first);
}

function lineChart(name: string, { rows, best }: Sweep, figure: SweepFigure, { path, values }: Dimension): ChartSpec {
  const numeric = values.every((value) => !Number.isNaN(Number(value)));
  const x = (row: SweepRow): number | string => (numeric ? Number(row.point[path]) : row.point[path]!);
  const data = rows.map((row) => ({ x: x(row), y: scaled(figure, row) }) as { x: number; y: number });
  return chart({
    file: 'sweep.png',
    title: `${name}: best at ${path} = ${best.point[path]}`,
    subtitle: `${figure.about}, mean of ${best.seeds} seeds`,
    x: numeric ? { type: 'linear', title: path } : { type: 'category', title: path, labels: values },
    y: { type: 'linear', title: unitOf(figure), beginAtZero: true },
    datasets: [line(figure.about, data, '@offered', { pointRadius: 4, pointStyle: 'circle' })],
  });
}

const CELL_HEIGHT = 56;
const MARGIN_HEIGHT = 190;

/** Cells get darker as the figure grows; `label` is drawn into each. */
function heatMap(name: string, sweep: Sweep, figure: SweepFigure, across: Dimension, up: Dimension): ChartSpec {
  const { rows, best } = sweep;
  const values = rows.map(figure.of);
  const [min, max] = [Math.min(...values), Math.max(...values)];
  const shade = (value: number): number => (max === min ? 0 : (value - min) / (max - min));
  const data = rows.map((row) => {
    const label = figure.show(figure.of(row));

    return {
      x: row.point[across.path]!,
      y: row.point[up.path]!,
      label: row === best ? `★ ${label}` : label,
      shade: shade(figure.of(row)),
    };
  });
  return chart({
    file: 'sweep.png',
    title: `${name}: best at ${across.path} = ${best.point[across.path]}, ${up.path} = ${best.point[up.path]}`,
    subtitle: `${figure.about}, mean of ${best.seeds} seeds; ★ marks the best point`,
    x: { type: 'category', title: across.path, labels: across.values, offset: true },
    y: { type: 'category', title: lastSteps(up.path), labels: up.values, offset: true, reverse: true },
    height: Math.max(320, MARGIN_HEIGHT + CELL_HEIGHT * up.values.length),
    datasets: [{ type: 'matrix', shades: 'cost', data }],
  });
}

/** Returns the last two steps of a path: the full path is longer than the axis. */
function lastSteps(path: string): string {
  return path.split('.').slice(-2).join('.');
}

function scaled({ name, of }: SweepFigure, row: SweepRow): number {
  const value = of(row);
  if (name === 'p95') return value / 1e6;
  return name === 'failed' || name === 'refused' ? value * 100 : value;
}

function unitOf({ name, about }: SweepFigure): string {
  if (name === 'p95') return `${about} (s)`;
  return name === 'failed' || name === 'refused' ? `${about} (%)` : about;
}
