import type { Sweep, SweepRow } from '../../plan/sweep.ts';
import { formatMetric, percent, round } from '../format.ts';
import { paintFor } from './paint.ts';
import { tableLines } from './table-lines.ts';
import { indented } from './wrap.ts';

/** One figure of a sweep: how a table, a sheet and a map show it. */
export interface SweepFigure {
  readonly name: string;
  readonly about: string;
  of(row: SweepRow): number;
  show(value: number): string;
}

export const SWEEP_FIGURES: readonly SweepFigure[] = [
  { name: 'failed', about: 'calls that fail', of: ({ failed }) => failed, show: percent },
  { name: 'p95', about: 'p(95) of calls', of: ({ p95Us }) => p95Us, show: formatMetric },
  {
    name: 'goodput',
    about: 'calls that succeed, a second',
    of: (row) => row.goodputPerSecond,
    show: (value) => `${round(value)}/s`,
  },
  { name: 'attempts', about: 'attempts for each call', of: ({ attemptsPerCall }) => attemptsPerCall, show: round },
  { name: 'refused', about: 'attempts that are refused', of: ({ refused }) => refused, show: percent },
];

/** More rows than this are left to the sheet. */
const MOST_ROWS = 60;

/** A sweep as a table: what was set, and what came of it. */
export function sweepSummary(
  name: string,
  about: string,
  sweep: Sweep,
  { color, width }: { color: boolean; width: number },
): string {
  const paint = paintFor(color);
  const { dimensions, rows, best } = sweep;
  const paths = dimensions.map(({ path }) => path);
  const table = tableLines([
    [...paths, ...SWEEP_FIGURES.map((figure) => figure.name), 'held'],
    ...rows
      .slice(0, MOST_ROWS)
      .map((row) => [
        ...paths.map((path) => row.point[path]!),
        ...SWEEP_FIGURES.map(({ of, show }) => show(of(row))),
        `${row.held}/${row.seeds}${row === best ? ' ◂' : '  '}`,
      ]),
  ]);
  const more = rows.length > MOST_ROWS ? [`    … and ${rows.length - MOST_ROWS} more, in sweep.csv`] : [];
  const set = paths.map((path) => `${path} = ${best.point[path]}`).join(', ');
  const held =
    best.held === 0 ? 'and no seed met every goal' : `and every goal was met by ${best.held} of ${best.seeds} seeds`;
  return `\n${[
    `  ${paint.strong(name)}`,
    ...indented(about, Math.max(80, width), 2).map(paint.quiet),
    '',
    ...table.map((line) => `    ${line}`),
    ...more,
    '',
    ...indented(`Best is ${set}: ${percent(best.failed)} of calls fail, ${held}.`, Math.max(80, width), 2).map(
      paint.strong,
    ),
  ].join('\n')}\n\n`;
}

/** A sweep for a spreadsheet: seconds, and shares of 1. */
export function sweepCsv({ dimensions, rows }: Sweep): string {
  const head = [
    ...dimensions.map(({ path }) => path),
    'failed',
    'p95_s',
    'goodput_per_s',
    'attempts_per_call',
    'refused',
    'held',
    'seeds',
  ];
  const lines = rows.map(({ point, failed, p95Us, goodputPerSecond, attemptsPerCall, refused, held, seeds }) => [
    ...dimensions.map(({ path }) => point[path]!),
    ...[failed, p95Us / 1e6, goodputPerSecond, attemptsPerCall, refused, held, seeds].map(String),
  ]);
  return [head, ...lines].map((cells) => `${cells.map(quoted).join(',')}\n`).join('');
}

/** RFC 4180. */
function quoted(cell: string): string {
  return /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
