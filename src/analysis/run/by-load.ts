import { ascending, percentile } from '../statistics/percentile.ts';
import { isRejected, retriesOf } from './attempts.ts';
import type { Attempt, Call, Run } from './run-view.ts';

/** What became of the calls of one load; durations in microseconds, null where there is nothing to measure. */
export interface LoadFigures {
  readonly load: string;
  readonly calls: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly unfinished: number;
  readonly attempts: number;
  readonly refused: number;
  /** Medians over the refusals that told a wait, and over what was waited before the next attempt. */
  readonly toldUs: number | null;
  readonly waitedUs: number | null;
  readonly p95Us: number | null;
}

/** The figures of each named load, in the order of the scenario: clients side by side. Empty where none has a name. */
export function figuresByLoad(run: Run): LoadFigures[] {
  const names = [...new Set(run.header.scenario.load.flatMap(({ name }) => (name === undefined ? [] : [name])))];
  const byLoad = Map.groupBy(run.calls, ({ load }) => load);
  const waits = Map.groupBy(retriesOf(run), ({ call }) => call.load);
  return names.map((load) =>
    figuresOf(
      load,
      byLoad.get(load) ?? [],
      (waits.get(load) ?? []).map(({ gapUs }) => gapUs),
    ),
  );
}

function figuresOf(load: string, calls: readonly Call[], waits: readonly number[]): LoadFigures {
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
    toldUs: middle(refused.flatMap(({ retryAfterUs }: Attempt) => (retryAfterUs === undefined ? [] : [retryAfterUs]))),
    waitedUs: middle(waits),
    p95Us: at(
      ended.map(({ scheduledUs, endUs }) => endUs - scheduledUs),
      95,
    ),
  };
}

function middle(values: readonly number[]): number | null {
  return at(values, 50);
}

function at(values: readonly number[], percent: number): number | null {
  if (values.length === 0) return null;
  return percentile(ascending(values), percent);
}
