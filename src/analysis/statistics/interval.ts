import { randomFor } from '../../../mock-server/random.ts';
import { mean } from './percentile.ts';

/** A confidence interval of a figure. */
export interface Interval {
  readonly low: number;
  readonly high: number;
  readonly confidence: number;
}

const CONFIDENCE = 0.9;
/** Two-sided quantile of the normal distribution for `CONFIDENCE`. */
const Z = 1.6449;

/** Returns the Wilson score interval of `hits` out of `n` (Wilson 1927); valid for small `n` and shares near 0 and 1. */
export function shareInterval(hits: number, n: number): Interval {
  const share = hits / n;
  const middle = (share + Z ** 2 / (2 * n)) / (1 + Z ** 2 / n);
  const half = (Z / (1 + Z ** 2 / n)) * Math.sqrt((share * (1 - share)) / n + Z ** 2 / (4 * n ** 2));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half), confidence: CONFIDENCE };
}

/**
 * Returns the interval of a coefficient of variation over `n` values. Its standard error is about
 * cv × √(1 / 2n + cv² / n) (Miller 1991).
 */
export function variationInterval(cv: number, n: number): Interval {
  const half = Z * cv * Math.sqrt(1 / (2 * n) + cv ** 2 / n);
  return { low: Math.max(0, cv - half), high: cv + half, confidence: CONFIDENCE };
}

const RESAMPLES = 200;
/** Larger inputs are subsampled to this size; the interval is then scaled by the square root of the ratio. */
const MAX_ITEMS = 1000;

/**
 * Returns the percentile bootstrap interval of a statistic (Efron 1979). The random seed is fixed, so equal items give equal
 * intervals. More than 1,000 items are subsampled (m out of n, Bickel et al. 1997). Undefined for fewer than two items.
 */
export function bootstrapInterval<Item>(
  items: readonly Item[],
  statistic: (items: readonly Item[]) => number,
): Interval | undefined {
  if (items.length < 2) return undefined;
  const random = randomFor(items.length, 'bootstrap');
  const draw = (from: readonly Item[]): Item => from[Math.floor(random() * from.length)]!;
  const pool = items.length <= MAX_ITEMS ? items : Array.from({ length: MAX_ITEMS }, () => draw(items));
  const figures = Array.from({ length: RESAMPLES }, () => statistic(pool.map(() => draw(pool))))
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  if (figures.length === 0) return undefined;
  const at = (quantile: number): number => figures[Math.round(quantile * (figures.length - 1))]!;
  const estimate = statistic(items);
  const scale = Math.sqrt(pool.length / items.length);
  const [low, high] = [at((1 - CONFIDENCE) / 2), at((1 + CONFIDENCE) / 2)];
  if (scale === 1) return { low, high, confidence: CONFIDENCE };
  const middle = statistic(pool);
  return {
    low: estimate + (low - middle) * scale,
    high: estimate + (high - middle) * scale,
    confidence: CONFIDENCE,
  };
}

/**
 * Returns the percentile bootstrap interval of the difference of two means, second minus first, resampling each sample
 * separately (Efron and Tibshirani 1993, chapter 8). Swapping the samples mirrors the interval. Undefined if both samples
 * have fewer than two values.
 */
export function differenceInterval(first: readonly number[], second: readonly number[]): Interval | undefined {
  if (first.length < 2 && second.length < 2) return undefined;
  // Fixed order, so that both directions use the same draws for the same sample.
  if (String(first) > String(second)) return mirror(differenceInterval(second, first));
  const random = randomFor(first.length + second.length, 'bootstrap-difference');
  const resampledMean = (from: readonly number[]): number =>
    mean(from.map(() => from[Math.floor(random() * from.length)]!));
  const figures = Array.from({ length: RESAMPLES }, () => resampledMean(second) - resampledMean(first)).sort(
    (a, b) => a - b,
  );
  const at = (quantile: number): number => figures[Math.round(quantile * (figures.length - 1))]!;
  return { low: at((1 - CONFIDENCE) / 2), high: at((1 + CONFIDENCE) / 2), confidence: CONFIDENCE };
}

function mirror(interval: Interval | undefined): Interval | undefined {
  return interval && { ...interval, low: -interval.high, high: -interval.low };
}
