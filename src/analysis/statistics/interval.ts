import { randomFor } from '../../../mock-server/random.ts';
import { mean } from './percentile.ts';

/** Bounds between which a figure lies with this probability. */
export interface Interval {
  readonly low: number;
  readonly high: number;
  readonly confidence: number;
}

const CONFIDENCE = 0.9;
/** Quantile of the normal distribution for both tails of `CONFIDENCE`. */
const Z = 1.6449;

/** Wilson's interval of a share: `hits` of `n` (Wilson 1927; sound for few and for shares near 0 and 1). */
export function shareInterval(hits: number, n: number): Interval {
  const share = hits / n;
  const middle = (share + Z ** 2 / (2 * n)) / (1 + Z ** 2 / n);
  const half = (Z / (1 + Z ** 2 / n)) * Math.sqrt((share * (1 - share)) / n + Z ** 2 / (4 * n ** 2));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half), confidence: CONFIDENCE };
}

/** Of a coefficient of variation over `n` values: its standard error is about cv × √(1 / 2n + cv² / n) (Miller 1991). */
export function variationInterval(cv: number, n: number): Interval {
  const half = Z * cv * Math.sqrt(1 / (2 * n) + cv ** 2 / n);
  return { low: Math.max(0, cv - half), high: cv + half, confidence: CONFIDENCE };
}

const RESAMPLES = 200;
/** So many items are drawn from; of more, a sample, whose interval is then narrowed by the root of the ratio. */
const MOST_ITEMS = 1000;

/**
 * The percentile bootstrap of a statistic over items (Efron 1979), drawn from a fixed seed: the same items give the same
 * interval. A sample stands for more than 1,000 items (m out of n, Bickel and others 1997). Undefined for fewer than two.
 */
export function bootstrapInterval<Item>(
  items: readonly Item[],
  statistic: (items: readonly Item[]) => number,
): Interval | undefined {
  if (items.length < 2) return undefined;
  const random = randomFor(items.length, 'bootstrap');
  const draw = (from: readonly Item[]): Item => from[Math.floor(random() * from.length)]!;
  const pool = items.length <= MOST_ITEMS ? items : Array.from({ length: MOST_ITEMS }, () => draw(items));
  const figures = Array.from({ length: RESAMPLES }, () => statistic(pool.map(() => draw(pool))))
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  if (figures.length === 0) return undefined;
  const at = (quantile: number): number => figures[Math.round(quantile * (figures.length - 1))]!;
  const whole = statistic(items);
  const narrowed = Math.sqrt(pool.length / items.length);
  const [low, high] = [at((1 - CONFIDENCE) / 2), at((1 + CONFIDENCE) / 2)];
  if (narrowed === 1) return { low, high, confidence: CONFIDENCE };
  const middle = statistic(pool);
  return {
    low: whole + (low - middle) * narrowed,
    high: whole + (high - middle) * narrowed,
    confidence: CONFIDENCE,
  };
}

/**
 * The percentile bootstrap of the difference of two means, second minus first, each sample redrawn by itself (Efron and
 * Tibshirani 1993, chapter 8). Swapped samples give the mirrored interval. Undefined where both have fewer than two.
 */
export function differenceInterval(first: readonly number[], second: readonly number[]): Interval | undefined {
  if (first.length < 2 && second.length < 2) return undefined;
  // One order for both directions, so that the same draws meet the same sample.
  if (String(first) > String(second)) return mirrored(differenceInterval(second, first));
  const random = randomFor(first.length + second.length, 'bootstrap-difference');
  const redrawn = (from: readonly number[]): number => mean(from.map(() => from[Math.floor(random() * from.length)]!));
  const figures = Array.from({ length: RESAMPLES }, () => redrawn(second) - redrawn(first)).sort((a, b) => a - b);
  const at = (quantile: number): number => figures[Math.round(quantile * (figures.length - 1))]!;
  return { low: at((1 - CONFIDENCE) / 2), high: at((1 + CONFIDENCE) / 2), confidence: CONFIDENCE };
}

function mirrored(interval: Interval | undefined): Interval | undefined {
  return interval && { ...interval, low: -interval.high, high: -interval.low };
}
