import type { ChartConfiguration } from 'chart.js';
import type { Sweep, SweepRow } from '../../plan/sweep.ts';
import type { Dimension } from '../../plan/vary.ts';
import type { SweepFigure } from '../terminal/sweep-lines.ts';
import { type ChartSpec, COLOURS, chart, line } from './chart-spec.ts';

/** One figure of a sweep: a line over one dimension, a map over two; nothing for more. */
export function sweepChart(name: string, sweep: Sweep, figure: SweepFigure): ChartSpec | undefined {
  const [first, second, ...others] = sweep.dimensions;
  if (!first || others.length > 0) return undefined;
  return second ? heatMap(name, sweep, figure, first, second) : curve(name, sweep, figure, first);
}

function curve(name: string, { rows, best }: Sweep, figure: SweepFigure, { path, values }: Dimension): ChartSpec {
  const numeric = values.every((value) => !Number.isNaN(Number(value)));
  const x = (row: SweepRow): number | string => (numeric ? Number(row.point[path]) : row.point[path]!);
  const data = rows.map((row) => ({ x: x(row), y: scaled(figure, row) }) as { x: number; y: number });
  return chart({
    file: 'sweep.png',
    title: `${name}: best at ${path} = ${best.point[path]}`,
    subtitle: `${figure.about}, mean of ${best.seeds} seeds`,
    x: numeric ? { type: 'linear', title: path } : { type: 'category', title: path, labels: values },
    y: { type: 'linear', title: unitOf(figure), beginAtZero: true },
    datasets: [line(figure.about, data, COLOURS.offered, { pointRadius: 4, pointStyle: 'circle' })],
  });
}

const CELL_HEIGHT = 56;
const AROUND_HEIGHT = 190;

/** Cells from light to dark as the figure grows; `label` is written into each. */
function heatMap(name: string, sweep: Sweep, figure: SweepFigure, across: Dimension, up: Dimension): ChartSpec {
  const { rows, best } = sweep;
  const values = rows.map(figure.of);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const shade = (value: number): number => (most === least ? 0 : (value - least) / (most - least));
  const data = rows.map((row) => {
    const label = figure.show(figure.of(row));
    const dark = shade(figure.of(row));
    return { x: row.point[across.path]!, y: row.point[up.path]!, label: row === best ? `★ ${label}` : label, dark };
  });
  const base = chart({
    file: 'sweep.png',
    title: `${name}: best at ${across.path} = ${best.point[across.path]}, ${up.path} = ${best.point[up.path]}`,
    subtitle: `${figure.about}, mean of ${best.seeds} seeds; ★ is the best of all goals`,
    x: { type: 'category', title: across.path, labels: across.values, offset: true },
    y: { type: 'category', title: tail(up.path), labels: up.values, offset: true, reverse: true },
    height: Math.max(320, AROUND_HEIGHT + CELL_HEIGHT * up.values.length),
    datasets: [{ label: figure.about, data, backgroundColor: data.map(({ dark }) => colourOf(dark)) }],
  });
  const config = base.config as unknown as { type: string; options: { plugins: { legend: object } } };
  config.type = 'matrix';
  config.options.plugins.legend = { display: false };
  return { ...base, config: config as unknown as ChartConfiguration };
}

/** The last two steps of a path: a whole one is longer than a map is high. */
function tail(path: string): string {
  return path.split('.').slice(-2).join('.');
}

/** From white to vermilion. */
function colourOf(shade: number): string {
  const mix = (light: number, dark: number): number => Math.round(light + (dark - light) * shade);
  return `rgb(${mix(247, 213)}, ${mix(247, 94)}, ${mix(247, 0)})`;
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
