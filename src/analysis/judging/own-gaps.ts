import { linearRegression } from 'simple-statistics';
import { isOverload, isRejected, waitBeforeUs } from '../run/attempts.ts';
import { memoizeByRun } from '../run/memoize-by-run.ts';
import type { Attempt, Call } from '../run/run-view.ts';
import { toleranceUs } from './tolerance.ts';

/** A wait that the client chose itself: no Retry-After explains it. */
export interface OwnGap {
  readonly call: Call;
  readonly before: Attempt;
  readonly next: Attempt;
  /** 0 for the first retry. */
  readonly retry: number;
  readonly gapUs: number;
}

/** Waits in this range around Retry-After, as shares of it, follow Retry-After (with jitter). */
const EXPLAINED = { below: 0.02, above: 0.5 };

/** Waits after refusals and transient errors that no Retry-After explains, by call and retry. */
export const ownGaps = memoizeByRun((run): readonly OwnGap[] => {
  const tauUs = toleranceUs(run);
  const gaps: OwnGap[] = [];
  for (const call of run.calls) {
    const { attempts } = call;
    for (let retry = 0; retry + 1 < attempts.length; retry++) {
      const before = attempts[retry]!;
      const next = attempts[retry + 1]!;
      if (!isRejected(before) && !isOverload(before)) continue;
      const waitedUs = waitBeforeUs(before, next);
      if (!isExplained(before, waitedUs, tauUs)) gaps.push({ call, before, next, retry, gapUs: waitedUs });
    }
  }
  return gaps;
});

function isExplained({ retryAfterUs }: Attempt, gapUs: number, tauUs: number): boolean {
  if (retryAfterUs === undefined || retryAfterUs <= 0) return false;
  const { below, above } = EXPLAINED;
  const leastUs = retryAfterUs - Math.max(tauUs, below * retryAfterUs);
  return gapUs >= leastUs && gapUs <= retryAfterUs + Math.max(tauUs, above * retryAfterUs);
}

/** The spread of waits before the same retry. */
export interface Spread {
  /** Waits examined, over all retries. */
  readonly n: number;
  /** The largest number of waits before the same retry. */
  readonly largest: number;
  /** Pooled coefficient of variation over all retries, without the largest 5 % of each (`backoff.md` 3.5). */
  readonly cv: number;
}

const TRIMMED = 0.05;

/** The spread of waits by retry; undefined if no retry has two waits left after trimming. */
export function spreadOf(gaps: readonly OwnGap[]): Spread | undefined {
  let squares = 0;
  let freedom = 0;
  let largest = 0;
  for (const own of Map.groupBy(gaps, ({ retry }) => retry).values()) {
    const sorted = Float64Array.from(own, ({ gapUs }) => gapUs).sort();
    largest = Math.max(largest, sorted.length);
    // One late timer must not look like jitter.
    const kept = sorted.subarray(0, sorted.length - Math.max(1, Math.floor(sorted.length * TRIMMED)));
    if (kept.length < 2) continue;
    const mean = kept.reduce((sum, gap) => sum + gap, 0) / kept.length;
    if (mean <= 0) continue;
    squares += kept.reduce((sum, gap) => sum + (gap / mean - 1) ** 2, 0);
    freedom += kept.length - 1;
  }
  return freedom === 0 ? undefined : { n: gaps.length, largest, cv: Math.sqrt(squares / freedom) };
}

/** The mean wait before one retry. */
export interface MeanWait {
  readonly retry: number;
  readonly meanUs: number;
  readonly n: number;
}

/** Mean waits over these calls by retry, ascending; one pass, because the bootstrap calls this 200 times. */
export function meanWaits(calls: readonly (readonly OwnGap[])[]): MeanWait[] {
  const sums: number[] = [];
  const counts: number[] = [];
  for (const own of calls) {
    for (const { retry, gapUs } of own) {
      while (sums.length <= retry) {
        sums.push(0);
        counts.push(0);
      }
      sums[retry]! += gapUs;
      counts[retry]! += 1;
    }
  }
  return counts.flatMap((n, retry) => (n === 0 ? [] : [{ retry, meanUs: sums[retry]! / n, n }]));
}

/** The growth factor of waits per retry: exp of the least-squares slope of ln(mean wait) over the retry (`backoff.md` 3.4). */
export function growthOf(calls: readonly (readonly OwnGap[])[]): number {
  const points = meanWaits(calls).map(({ retry, meanUs }) => [retry, Math.log(Math.max(1, meanUs))]);
  return points.length === 0 ? 1 : Math.exp(linearRegression(points).m);
}

/** Coefficients of variation that separate no jitter, some jitter and full jitter (`backoff.md` 4.1). */
export const NO_JITTER = 0.04;
export const FULL_JITTER = 0.333;
