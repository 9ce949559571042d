import { ascending, percentile } from '../statistics/percentile.ts';
import { findRetries, isRejected } from './attempts.ts';
import type { Attempt, Call, Run } from './run-view.ts';

/** Figures of the calls of one load. Durations in microseconds, null without samples. */
export interface LoadFigures {
  readonly load: string;
  readonly calls: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly unfinished: number;
  readonly attempts: number;
  readonly refused: number;
  /** Medians of the wait requested by refusals, and of the wait before the next attempt. */
  readonly requestedWaitUs: number | null;
  readonly waitedUs: number | null;
  readonly p95Us: number | null;
}

/** Computes the figures of each named load, in the order of the scenario. Empty without named loads. */
export function computeLoadFigures(run: Run): LoadFigures[] {
  const names = [...new Set(run.header.scenario.load.flatMap(({ name }) => (name === undefined ? [] : [name])))];
  const byLoad = Map.groupBy(run.calls, ({ load }) => load);
  const waits = Map.groupBy(findRetries(run), ({ call }) => call.load);
  return names.map((load) =>
    computeFigures(
      load,
      byLoad.get(load) ?? [],
      (waits.get(load) ?? []).map(({ gapUs }) => gapUs),
    ),
  );
}

function computeFigures(load: string, calls: readonly Call[], waits: readonly number[]): LoadFigures {
  const attempts = calls.flatMap((call) => call.attempts);
  const refused = attempts.filter(isRejected);
  const ended = calls.filter(({ result }) => result !== 'open');
  return {
    load,
    calls: calls.length,
    succeeded: calls.filter(({ result }) => result === 'ok').length,
    failed: calls.filter(({ result }) => result === 'error').length,
    unfinished: calls.length - ended.length,
    attempts: attempts.length,
    refused: refused.length,
    requestedWaitUs: medianOrNull(
      refused.flatMap(({ retryAfterUs }: Attempt) => (retryAfterUs === undefined ? [] : [retryAfterUs])),
    ),
    waitedUs: medianOrNull(waits),
    p95Us: percentileOrNull(
      ended.map(({ scheduledUs, endUs }) => endUs - scheduledUs),
      95,
    ),
  };
}

function medianOrNull(values: readonly number[]): number | null {
  return percentileOrNull(values, 50);
}

function percentileOrNull(values: readonly number[], percent: number): number | null {
  if (values.length === 0) return null;
  return percentile(ascending(values), percent);
}
