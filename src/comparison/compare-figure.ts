import type { Better, Figure } from '../analysis/metrics/figures.ts';
import { bootstrapInterval, differenceInterval, type Interval } from '../analysis/statistics/interval.ts';
import { mean } from '../analysis/statistics/percentile.ts';
import { type Allowance, isBeyond } from './allowance.ts';
import { signFlip, smallestPairP } from './pair-test.ts';
import { cliffsDelta, mannWhitney, smallestRankP } from './rank-test.ts';

/** A change is real where chance would bring one like it less than once in a hundred times. */
export const ALPHA = 0.01;

/** What the numbers say of chance; `pairs` when seeds were compared with themselves. */
export interface Test {
  readonly method: 'mann-whitney' | 'pairs';
  readonly p: number;
  /** Cliff's delta: of all pairs of seeds, the share that rose less the share that fell. */
  readonly delta: number;
  /** Of the change. */
  readonly interval: Interval | undefined;
}

/**
 * `same`: no change at all. `exact`: one seed where clocks jump, so that chance has no part in it. `real` and `chance`: as
 * the test says. `unknown`: too few seeds to tell. `one-sided`: only one of the two has it.
 */
export type Certainty = 'same' | 'exact' | 'real' | 'chance' | 'unknown' | 'one-sided';

export interface FigureChange {
  readonly name: string;
  readonly unit: 'ms' | 'share' | 'count' | 'per-second' | 'ratio';
  readonly better: Better;
  /** Means over the seeds; null for no samples. */
  readonly base: number | null;
  readonly candidate: number | null;
  readonly change: number | null;
  /** The change as a share of the base; null where that is 0. */
  readonly share: number | null;
  readonly certainty: Certainty;
  /** Which way it went, in the direction that is better; `neither` where none is, and for costs. */
  readonly went: 'better' | 'worse' | 'neither';
  readonly test?: Test;
  /** What was allowed, e.g. `+5%`; absent where nothing is held against the candidate. */
  readonly allowed?: string;
  /** Worse by more than was allowed. */
  readonly beyond: boolean;
  /** Beyond, and not by chance as far as can be told. */
  readonly regression: boolean;
}

/** How the seeds of two measurements go together. Values of both are in the order of their seeds. */
export interface Basis {
  /** `exact`: one and the same seed where clocks jump. `seeds`: enough of them for a test. `few`: not. */
  readonly kind: 'exact' | 'seeds' | 'few';
  /** Places of the seeds that both have, in each. */
  readonly pairs: readonly (readonly [number, number])[];
}

/** A figure of every seed; null for no samples. */
type Values = readonly (number | null)[];

/** Holds one figure of two measurements against each other; values are in the order of the seeds that `basis` speaks of. */
export function compareFigure(
  figure: Figure,
  base: Values,
  candidate: Values,
  { basis, allowance }: { basis: Basis; allowance: Allowance | undefined },
): FigureChange {
  const unit = figure.unit === 'us' ? 'ms' : figure.unit;
  const [before, after] = [meanOf(base), meanOf(candidate)];
  const named = { name: figure.name, unit, better: figure.better, base: before, candidate: after } as const;
  if (before === null || after === null) {
    const certainty = before === after ? 'same' : 'one-sided';
    return { ...named, change: null, share: null, certainty, went: 'neither', beyond: false, regression: false };
  }
  const change = after - before;
  const judged = certaintyOf(base, candidate, basis);
  const beyond = allowance !== undefined && isBeyond(allowance, before, change);
  return {
    ...named,
    change,
    share: before === 0 ? null : change / Math.abs(before),
    ...judged,
    went: wentOf(figure, change),
    ...(allowance && { allowed: allowance.text }),
    beyond,
    regression: beyond && judged.certainty !== 'same' && judged.certainty !== 'chance',
  };
}

function meanOf(values: Values): number | null {
  const known = present(values);
  return known.length === 0 ? null : mean(known);
}

function present(values: Values): number[] {
  return values.filter((value) => value !== null);
}

function wentOf({ better }: Figure, change: number): FigureChange['went'] {
  if (better === 'neither' || better === 'cost' || change === 0) return 'neither';
  return change > 0 === (better === 'more') ? 'better' : 'worse';
}

function certaintyOf(
  base: Values,
  candidate: Values,
  { kind, pairs }: Basis,
): Pick<FigureChange, 'certainty' | 'test'> {
  const isSame = new Set([...base, ...candidate]).size === 1 || isPairwiseEqual(base, candidate, pairs);
  if (isSame) return { certainty: 'same' };
  if (kind === 'exact') return { certainty: 'exact' };
  const test =
    kind === 'seeds' ? testOf(present(base), present(candidate), differences(base, candidate, pairs)) : undefined;
  if (!test) return { certainty: 'unknown' };
  return { certainty: isReal(test) ? 'real' : 'chance', test };
}

function isPairwiseEqual(base: Values, candidate: Values, pairs: Basis['pairs']): boolean {
  const areAllPaired = pairs.length === base.length && pairs.length === candidate.length;
  return areAllPaired && pairs.every(([one, other]) => base[one] === candidate[other]);
}

function differences(base: Values, candidate: Values, pairs: Basis['pairs']): number[] {
  return pairs.flatMap(([one, other]) => {
    const [before, after] = [base[one], candidate[other]];
    return typeof before === 'number' && typeof after === 'number' ? [after - before] : [];
  });
}

/** Both say so: how the seeds are ordered, and where the mean difference lies. */
function isReal({ p, interval }: Test): boolean {
  return p <= ALPHA && interval !== undefined && (interval.low > 0 || interval.high < 0);
}

/** The sharper of two tests that can tell at all; undefined for too few values. */
function testOf(base: readonly number[], candidate: readonly number[], paired: readonly number[]): Test | undefined {
  const [n, m] = [base.length, candidate.length];
  if (arePairsSharper(base, candidate, paired)) {
    const [up, down] = [paired.filter((value) => value > 0).length, paired.filter((value) => value < 0).length];
    const interval = bootstrapInterval(paired, mean);
    return { method: 'pairs', p: signFlip(paired), delta: (up - down) / paired.length, interval };
  }
  if (smallestRankP(n, m) > ALPHA) return undefined;
  const ranks = mannWhitney(base, candidate);
  const interval = differenceInterval(base, candidate);
  return { method: 'mann-whitney', p: ranks.p, delta: cliffsDelta(ranks, n, m), interval };
}

/**
 * Whether seeds vary together, so that their differences vary less than both sides do. Asked of the spread, never of the
 * difference itself: choosing the test that says more would find too much.
 */
function arePairsSharper(base: readonly number[], candidate: readonly number[], paired: readonly number[]): boolean {
  if (smallestPairP(paired.length) > ALPHA) return false;
  return variance(paired) < variance(base) + variance(candidate);
}

function variance(values: readonly number[]): number {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / Math.max(1, values.length - 1);
}

/** Whether so many seeds, and so many pairs among them, can tell a change from chance at all. */
export function canTell(base: number, candidate: number, pairs: number): boolean {
  return smallestRankP(base, candidate) <= ALPHA || smallestPairP(pairs) <= ALPHA;
}
