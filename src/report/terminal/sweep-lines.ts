import type { Sweep, SweepRow } from '../../plan/sweep.ts';
import { formatMetric, percent, round } from '../format.ts';
import { paintFor } from './paint.ts';
import { tableLines } from './table-lines.ts';
import { indented } from './wrap.ts';

/** One figure of a sweep, and how tables and charts format it. */
export interface SweepFigure {
  readonly name: string;
  readonly about: string;
  of(row: SweepRow): number;
  show(value: number): string;
}

export const SWEEP_FIGURES: readonly SweepFigure[] = [
  { name: 'failed', about: 'failed calls', of: ({ failed }) => failed, show: percent },
  { name: 'p95', about: 'p(95) of calls', of: ({ p95Us }) => p95Us, show: formatMetric },
  {
    name: 'goodput',
    about: 'successful calls per second',
    of: (row) => row.goodputPerSecond,
    show: (value) => `${round(value)}/s`,
  },
  { name: 'attempts', about: 'attempts per call', of: ({ attemptsPerCall }) => attemptsPerCall, show: round },
  { name: 'refused', about: 'refused attempts', of: ({ refused }) => refused, show: percent },
];

/** Further rows are only in sweep.csv. */
const MAX_ROWS = 60;

/** Returns a sweep as a table: parameters and figures. */
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
      .slice(0, MAX_ROWS)
      .map((row) => [
        ...paths.map((path) => row.point[path]!),
        ...SWEEP_FIGURES.map(({ of, show }) => show(of(row))),
        `${row.held}/${row.seeds}${row === best ? ' ◂' : '  '}`,
      ]),
  ]);
  const more = rows.length > MAX_ROWS ? [`    … and ${rows.length - MAX_ROWS} more, in sweep.csv`] : [];
  const set = paths.map((path) => `${path} = ${best.point[path]}`).join(', ');
  const held = best.held === 0 ? 'no seed met every goal' : `${best.held} of ${best.seeds} seeds met every goal`;
  return `\n${[
    `  ${paint.strong(name)}`,
    ...indented(about, Math.max(80, width), 2).map(paint.quiet),
    '',
    ...table.map((line) => `    ${line}`),
    ...more,
    '',
    ...indented(`Best: ${set}. ${percent(best.failed)} of calls fail; ${held}.`, Math.max(80, width), 2).map(
      paint.strong,
    ),
  ].join('\n')}\n\n`;
}

/** Returns a sweep as CSV. Durations in seconds, shares from 0 to 1. */
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
  return [head, ...lines].map((cells) => `${cells.map(quoteCsv).join(',')}\n`).join('');
}

/** Quotes a cell as RFC 4180 requires. */
function quoteCsv(cell: string): string {
  return /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
