import { linearRegression } from 'simple-statistics';
import { memoizeByRun } from '../run/memoize-by-run.ts';
import { findWaits, type Wait } from '../run/waits.ts';
import { followedHints } from './followed-hints.ts';

/** A wait that the client chose itself: nothing that it was told explains it. */
export type OwnGap = Wait;

/** Waits after refusals, faults, rejections and broken connections that no hint explains, by call and retry. */
export const ownGaps = memoizeByRun((run): readonly OwnGap[] => {
  const followed = followedHints(run);
  return findWaits(run).filter(({ before }) => !followed.has(before));
});

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

/**
 * The growth factor of waits per retry, up to a cap if there is one: exp of the least-squares slope of ln(mean wait) over the
 * retry (`backoff.md` 3.4). 1 if
 * all waits came before the same retry, which shows no growth: see `showsGrowth`.
 */
export function growthOf(calls: readonly (readonly OwnGap[])[]): number {
  const means = meanWaits(calls);
  const points = means.map(({ retry, meanUs }) => [retry, Math.log(Math.max(1, meanUs))]);
  return points.length === 0 ? 1 : Math.max(Math.exp(linearRegression(points).m), growthToCap(means));
}

/** Retries from which a cap can be seen. */
const CAP_RETRIES = 5;
/** Waits at a cap this much above the first show growth; less may be jitter. */
const GREW = 1.8;
/** The first mean wait of at least this share of those at the cap is at the cap. */
const AT_CAP = 0.85;

/** The growth per retry up to a cap, which the second half of the retries stands for; 0 if the waits before it did not grow. */
function growthToCap(means: readonly MeanWait[]): number {
  const [first] = means;
  if (!first || means.length < CAP_RETRIES) return 0;
  const late = means.slice(Math.ceil(means.length / 2));
  const capUs = late.reduce((sum, { meanUs, n }) => sum + meanUs * n, 0) / late.reduce((sum, { n }) => sum + n, 0);
  const atCap = means.find(({ meanUs }) => meanUs >= AT_CAP * capUs);
  if (!atCap || atCap === first || capUs < GREW * first.meanUs) return 0;
  return (atCap.meanUs / first.meanUs) ** (1 / (atCap.retry - first.retry));
}

/** Returns whether there are waits before two different retries, the least from which growth can be seen. */
export function showsGrowth(gaps: readonly OwnGap[]): boolean {
  return gaps.some(({ retry }) => retry !== gaps[0]!.retry);
}

/** Coefficients of variation that separate no jitter, some jitter and full jitter (`backoff.md` 4.1). */
export const NO_JITTER = 0.04;
export const FULL_JITTER = 0.333;
