import type { LoadFigures } from '../../analysis/run/by-load.ts';
import { formatMetric, round } from '../format.ts';
import { tableLines } from './table-lines.ts';

const HEAD = [
  'load',
  'calls',
  'ok',
  'failed',
  'open',
  'attempts/call',
  'refused',
  'told to wait',
  'waited',
  'call p(95)',
];

/** Named loads as a table: what each client made of the same provider. */
export function loadLines(loads: readonly LoadFigures[]): string[] {
  if (loads.length === 0) return [];
  const time = (us: number | null): string => (us === null ? '–' : formatMetric(us));
  const rows = loads.map((one) => [
    one.load,
    ...[one.calls, one.succeeded, one.failed, one.unfinished].map(String),
    one.calls === 0 ? '–' : round(one.attempts / one.calls),
    String(one.refused),
    time(one.toldUs),
    time(one.waitedUs),
    time(one.p95Us),
  ]);
  return tableLines([HEAD, ...rows]).map((line) => `    ${line}`);
}
