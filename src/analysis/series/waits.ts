import { toleranceUs } from '../judging/tolerance.ts';
import { findRetries, type Retry } from '../run/attempts.ts';
import type { Run } from '../run/run-view.ts';
import { ascending, percentile } from '../statistics/percentile.ts';

/** Retries whose refusals told about the same wait, and that waited about as long. In microseconds; `told` is NaN for none. */
export interface WaitCell {
  readonly retryAfterUs: number;
  readonly waitedUs: number;
  readonly retries: number;
}

/** The waits before one retry number: 1 is the first retry of a call. */
export interface WaitsByTry {
  readonly number: number;
  readonly retries: number;
  readonly p5Us: number;
  readonly p50Us: number;
  readonly p95Us: number;
}

export interface Waits {
  readonly retries: number;
  /** Retries of refusals that told a wait; of these, those that came before its end, and those that waited twice as long. */
  readonly told: number;
  readonly early: number;
  readonly late: number;
  readonly cells: readonly WaitCell[];
  readonly byTry: readonly WaitsByTry[];
  readonly retryAfterUs: { readonly min: number; readonly max: number };
  readonly waitedUs: { readonly min: number; readonly p50: number; readonly max: number };
}

/** Waits that differ less are one cell: 24 cells per factor of ten. */
const CELLS_PER_DECADE = 24;
/** Shorter waits than a millisecond are drawn as one. */
const MIN_US = 1000;

/** Compares the wait before each retry with what its refusal told. */
export function computeWaits(run: Run): Waits {
  const tolerance = toleranceUs(run);
  const retries = findRetries(run);
  const cells = new Map<string, { retryAfterUs: number; waitedUs: number; retries: number }>();
  let [told, early, late] = [0, 0, 0];
  for (const { refused, gapUs } of retries) {
    const { retryAfterUs = Number.NaN } = refused;
    if (!Number.isNaN(retryAfterUs)) {
      told++;
      if (gapUs < retryAfterUs - tolerance) early++;
      if (gapUs > 2 * retryAfterUs + tolerance) late++;
    }
    const key = `${cellOf(retryAfterUs)} ${cellOf(gapUs)}`;
    const cell = cells.get(key);
    if (cell) cell.retries++;
    else cells.set(key, { retryAfterUs: atLeast(retryAfterUs), waitedUs: atLeast(gapUs), retries: 1 });
  }
  const tolds = ascending(
    retries.flatMap(({ refused: { retryAfterUs } }) => (retryAfterUs === undefined ? [] : [retryAfterUs])),
  );
  const waited = ascending(retries.map(({ gapUs }) => Math.max(0, gapUs)));
  return {
    retries: retries.length,
    told,
    early,
    late,
    cells: [...cells.values()],
    byTry: computeByTry(retries),
    retryAfterUs: { min: percentile(tolds, 0), max: percentile(tolds, 100) },
    waitedUs: { min: percentile(waited, 0), p50: percentile(waited, 50), max: percentile(waited, 100) },
  };
}

const atLeast = (us: number): number => (Number.isNaN(us) ? us : Math.max(MIN_US, us));

const cellOf = (us: number): number => Math.round(Math.log10(atLeast(us)) * CELLS_PER_DECADE);

function computeByTry(retries: readonly Retry[]): WaitsByTry[] {
  const byNumber = Map.groupBy(retries, ({ refused }) => refused.number);
  return [...byNumber]
    .map(([number, own]) => {
      const waits = ascending(own.map(({ gapUs }) => atLeast(gapUs)));
      const at = (percent: number): number => percentile(waits, percent);
      return { number, retries: own.length, p5Us: at(5), p50Us: at(50), p95Us: at(95) };
    })
    .sort((a, b) => a.number - b.number);
}
