import { loadKind } from '../../load/load-kind.ts';
import type { Sweep, SweepRow } from '../../plan/sweep.ts';
import { counted, formatMetric, percent, round } from '../format.ts';
import { paintFor } from './paint.ts';
import type { Result } from './result-line.ts';
import { tableLines } from './table-lines.ts';
import type { TerminalOptions } from './terminal.ts';
import { columnsOf, indented } from './wrap.ts';

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

/** Rows that are shown, and with `full`; further ones are only in sweep.csv. */
const MAX_ROWS = 12;
const MAX_ROWS_FULL = 200;

/** Returns a sweep as a table: parameters and figures. */
export function sweepSummary(
  name: string,
  about: string,
  sweep: Sweep,
  { color, width, full }: TerminalOptions,
): string {
  const paint = paintFor(color);
  const { best } = sweep;
  const rows = full ? sweep.rows : bestFirst(sweep);
  const most = full ? MAX_ROWS_FULL : MAX_ROWS;
  const table = tableWithin(sweep, rows.slice(0, most), columnsOf(width) - 4);
  const more = rows.length > most ? [`    … and ${rows.length - most} more, in sweep.csv`] : [];
  const held = best.held === 0 ? 'no seed met every goal' : `${best.held} of ${best.seeds} seeds met every goal`;
  return `\n${[
    `  ${paint.strong(name)}`,
    ...indented(about, columnsOf(width), 2).map(paint.quiet),
    '',
    ...table.map((line) => `    ${line}`),
    ...more,
    '',
    ...indented(`At ◂, ${percent(best.failed)} of calls fail; ${held}.`, columnsOf(width), 2).map(paint.strong),
  ].join('\n')}\n\n`;
}

/** Returns the table with as much as fits: paths are shortened, then figures left out, before a line is too long. */
function tableWithin({ dimensions, best }: Sweep, rows: readonly SweepRow[], width: number): string[] {
  const paths = dimensions.map(({ path }) => path);
  const table = (names: readonly string[], figures: readonly SweepFigure[]): string[] =>
    tableLines([
      [...names, ...figures.map((figure) => figure.name), 'held'],
      ...rows.map((row) => [
        ...paths.map((path) => row.point[path]!),
        ...figures.map(({ of, show }) => show(of(row))),
        `${row.held}/${row.seeds}${row === best ? ' ◂' : '  '}`,
      ]),
    ]);
  const short = shortPaths(paths);
  const tries = [
    table(paths, SWEEP_FIGURES),
    ...SWEEP_FIGURES.map((_, left) => table(short, SWEEP_FIGURES.slice(0, SWEEP_FIGURES.length - left))),
  ];
  return tries.find((lines) => lines.every(({ length }) => length <= width)) ?? tries.at(-1)!;
}

/** Returns the ends of paths, of two steps or more, by which they can be told apart: `retries.max`, `requests.capacity`. */
function shortPaths(paths: readonly string[]): string[] {
  return paths.map((path) => {
    const steps = path.split('.');
    const ends = steps.map((_, index) => steps.slice(steps.length - 1 - index).join('.'));
    const isOwn = (end: string): boolean => paths.every((other) => other === path || !`.${other}`.endsWith(`.${end}`));
    return ends.slice(1).find(isOwn) ?? path;
  });
}

/** Returns the rows that are shown of many: those in which most seeds held and fewest calls failed, in the order of the grid. */
function bestFirst({ rows, best }: Sweep): readonly SweepRow[] {
  if (rows.length <= MAX_ROWS) return rows;
  const ranked = [...rows].sort((a, b) => b.held - a.held || a.failed - b.failed || a.p95Us - b.p95Us);
  const shown = new Set([best, ...ranked].slice(0, MAX_ROWS));
  return [...rows.filter((row) => shown.has(row)), ...rows.filter((row) => !shown.has(row))];
}

/** Returns the result of a sweep; `confirmed`: whether the client itself met every goal at the best point, if it was run. */
export function sweepResult({ dimensions, rows, best }: Sweep, confirmed?: boolean): Result {
  const set = dimensions.map(({ path }) => `${path} = ${best.point[path]}`).join(' and ');
  const facts = [`${counted(rows.length, 'point')}, ${counted(best.seeds, 'seed')} each`];
  if (best.held === 0) return { outcome: 'DONE', because: [`no point meets every goal; the nearest is ${set}`], facts };
  const hasLoad = dimensions.some(({ path }) => loadKind(path) !== undefined);
  const found = hasLoad && best.held === best.seeds ? `most load that meets every goal: ${set}` : `best is ${set}`;
  if (confirmed === undefined) return { outcome: 'DONE', because: [found], facts };
  const said = confirmed ? 'the client itself meets every goal there' : 'the client itself misses a goal there';
  return { outcome: confirmed ? 'PASSED' : 'FAILED', because: [found, said], facts };
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
