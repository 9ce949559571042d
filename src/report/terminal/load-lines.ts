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
  'requested wait',
  'waited',
  'call p(95)',
];

/** Returns a table of named loads, which share load provider. */
export function loadLines(loads: readonly LoadFigures[]): string[] {
  if (loads.length === 0) return [];
  const time = (us: number | null): string => (us === null ? '–' : formatMetric(us));
  const rows = loads.map((load) => [
    load.load,
    ...[load.calls, load.succeeded, load.failed, load.unfinished].map(String),
    load.calls === 0 ? '–' : round(load.attempts / load.calls),
    String(load.refused),
    time(load.requestedWaitUs),
    time(load.waitedUs),
    time(load.p95Us),
  ]);
  return tableLines([HEAD, ...rows]).map((line) => `    ${line}`);
}

/** Returns the same loads in fewer columns, for a narrow terminal. */
export function briefLoadLines(loads: readonly LoadFigures[]): string[] {
  if (loads.length === 0) return [];
  const rows = loads.map((load) => [
    load.load,
    String(load.calls),
    String(load.failed),
    String(load.refused),
    load.calls === 0 ? '–' : round(load.attempts / load.calls),
    load.p95Us === null ? '–' : formatMetric(load.p95Us),
  ]);
  return tableLines([['load', 'calls', 'failed', 'refused', 'attempts/call', 'p(95)'], ...rows]).map(
    (line) => `    ${line}`,
  );
}
