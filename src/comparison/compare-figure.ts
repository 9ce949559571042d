import { sampleVariance } from 'simple-statistics';
import type { Figure } from '../analysis/metrics/figures.ts';
import type { Better } from '../analysis/metrics/metric-definition.ts';
import { bootstrapInterval, differenceInterval, type Interval } from '../analysis/statistics/interval.ts';
import { mean } from '../analysis/statistics/percentile.ts';
import { type Allowance, exceedsAllowance } from './allowance.ts';
import { signFlipTest, smallestPairP } from './pair-test.ts';
import { cliffsDelta, mannWhitneyTest, smallestRankP } from './rank-test.ts';

/** Significance level: a change is `real` if its p-value is at most this. */
export const ALPHA = 0.01;

/** The significance test of a change. `pairs`: a paired test over equal seeds. */
export interface SignificanceTest {
  readonly method: 'mann-whitney' | 'pairs';
  readonly p: number;
  /** Cliff's delta: the share of pairs that rose minus the share that fell. */
  readonly delta: number;
  /** Confidence interval of the change. */
  readonly interval: Interval | undefined;
}

/**
 * How certain a change is. `same`: no change. `exact`: one seed in virtual time, without randomness. `real` and `chance`: the
 * test result. `unknown`: too few seeds for a test. `one-sided`: only one side has samples.
 */
export type Certainty = 'same' | 'exact' | 'real' | 'chance' | 'unknown' | 'one-sided';

/** How one figure changed from base to candidate. */
export interface FigureChange {
  readonly name: string;
  readonly unit: 'ms' | 'share' | 'count' | 'per-second' | 'ratio';
  readonly better: Better;
  /** Means over the seeds; null without samples. */
  readonly base: number | null;
  readonly candidate: number | null;
  readonly change: number | null;
  /** The change as a share of the base; null if the base is 0. */
  readonly share: number | null;
  readonly certainty: Certainty;
  /** Direction of the change; `neither` for figures without a better direction and for costs. */
  readonly went: 'better' | 'worse' | 'neither';
  readonly test?: SignificanceTest;
  /** The allowance, e.g. `+5%`; absent if no change of the figure is a regression. */
  readonly allowed?: string;
  /** Worse by more than the allowance. */
  readonly beyond: boolean;
  /** `beyond`, and not explained by chance. */
  readonly regression: boolean;
}

/** How the seeds of two measurements are compared. */
export interface Basis {
  /** `exact`: one equal seed in virtual time. `seeds`: enough seeds for a test. `few`: too few seeds. */
  readonly kind: 'exact' | 'seeds' | 'few';
  /** Indexes of the common seeds in the base and in the candidate. */
  readonly pairs: readonly (readonly [number, number])[];
}

/** Values of one figure in the order of the seeds; null without samples. */
type SeedValues = readonly (number | null)[];

/** Compares one figure of two measurements. Values are in the order of the seeds of each measurement. */
export function compareFigure(
  figure: Figure,
  base: SeedValues,
  candidate: SeedValues,
  { basis, allowance }: { basis: Basis; allowance: Allowance | undefined },
): FigureChange {
  const unit = figure.unit === 'us' ? 'ms' : figure.unit;
  const [before, after] = [meanOrNull(base), meanOrNull(candidate)];
  const common = { name: figure.name, unit, better: figure.better, base: before, candidate: after } as const;
  if (before === null || after === null) {
    const certainty = before === after ? 'same' : 'one-sided';
    return { ...common, change: null, share: null, certainty, went: 'neither', beyond: false, regression: false };
  }
  const change = after - before;
  const assessed = assessCertainty(base, candidate, basis);
  const beyond = allowance !== undefined && exceedsAllowance(allowance, before, change);
  return {
    ...common,
    change,
    share: before === 0 ? null : change / Math.abs(before),
    ...assessed,
    went: compareDirection(figure, change),
    ...(allowance && { allowed: allowance.text }),
    beyond,
    regression: beyond && assessed.certainty !== 'same' && assessed.certainty !== 'chance',
  };
}

function meanOrNull(values: SeedValues): number | null {
  const known = knownValues(values);
  return known.length === 0 ? null : mean(known);
}

function knownValues(values: SeedValues): number[] {
  return values.filter((value) => value !== null);
}

function compareDirection({ better }: Figure, change: number): FigureChange['went'] {
  if (better === 'neither' || better === 'cost' || change === 0) return 'neither';
  return change > 0 === (better === 'more') ? 'better' : 'worse';
}

function assessCertainty(
  base: SeedValues,
  candidate: SeedValues,
  { kind, pairs }: Basis,
): Pick<FigureChange, 'certainty' | 'test'> {
  const isSame = new Set([...base, ...candidate]).size === 1 || isPairwiseEqual(base, candidate, pairs);
  if (isSame) return { certainty: 'same' };
  if (kind === 'exact') return { certainty: 'exact' };
  const test =
    kind === 'seeds'
      ? chooseTest(knownValues(base), knownValues(candidate), differences(base, candidate, pairs))
      : undefined;
  if (!test) return { certainty: 'unknown' };
  return { certainty: isSignificant(test) ? 'real' : 'chance', test };
}

function isPairwiseEqual(base: SeedValues, candidate: SeedValues, pairs: Basis['pairs']): boolean {
  const areAllPaired = pairs.length === base.length && pairs.length === candidate.length;
  return areAllPaired && pairs.every(([one, other]) => base[one] === candidate[other]);
}

function differences(base: SeedValues, candidate: SeedValues, pairs: Basis['pairs']): number[] {
  return pairs.flatMap(([one, other]) => {
    const [before, after] = [base[one], candidate[other]];
    return typeof before === 'number' && typeof after === 'number' ? [after - before] : [];
  });
}

/** Requires both a small p-value and an interval that excludes 0. */
function isSignificant({ p, interval }: SignificanceTest): boolean {
  return p <= ALPHA && interval !== undefined && (interval.low > 0 || interval.high < 0);
}

/** Runs the more sensitive of the two tests; undefined for too few values. */
function chooseTest(
  base: readonly number[],
  candidate: readonly number[],
  paired: readonly number[],
): SignificanceTest | undefined {
  const [n, m] = [base.length, candidate.length];
  if (isPairTestSharper(base, candidate, paired)) {
    const [up, down] = [paired.filter((value) => value > 0).length, paired.filter((value) => value < 0).length];
    const interval = bootstrapInterval(paired, mean);
    return { method: 'pairs', p: signFlipTest(paired), delta: (up - down) / paired.length, interval };
  }
  if (smallestRankP(n, m) > ALPHA) return undefined;
  const ranks = mannWhitneyTest(base, candidate);
  const interval = differenceInterval(base, candidate);
  return { method: 'mann-whitney', p: ranks.p, delta: cliffsDelta(ranks, n, m), interval };
}

/**
 * Returns whether the seeds of both sides are correlated, so that paired differences vary less than independent samples.
 * Decided by variance, never by the p-values: choosing the test with the smaller p-value would inflate false positives.
 */
function isPairTestSharper(base: readonly number[], candidate: readonly number[], paired: readonly number[]): boolean {
  if (smallestPairP(paired.length) > ALPHA) return false;
  const variance = (values: readonly number[]): number => sampleVariance(values as number[]);
  return variance(paired) < variance(base) + variance(candidate);
}

/** Returns whether these numbers of seeds and pairs can reach significance at all. */
export function hasEnoughSeeds(base: number, candidate: number, pairs: number): boolean {
  return smallestRankP(base, candidate) <= ALPHA || smallestPairP(pairs) <= ALPHA;
}
