import { errorFunction, wilcoxonRankSum } from 'simple-statistics';

/** The result of a Mann-Whitney test. */
export interface RankTest {
  /** Number of pairs with the second value above the first; ties count one half. */
  readonly u: number;
  /** Two-sided p-value. */
  readonly p: number;
  /** True if enumerated, false for the normal approximation. */
  readonly exact: boolean;
}

/** Exact up to this many values per side: the number of rank assignments stays below 2^53. */
const MAX_EXACT_SIZE = 24;

/**
 * Runs the Mann-Whitney U test of two samples (1947). The two-sided p-value is exact, with or without ties, for fewer than 25
 * values per side, by counting rank assignments (Streitberg and Röhmel 1986). Otherwise it is the normal approximation with
 * corrections for ties and continuity (Lehmann 1975, section 1.2), as in scipy's `mannwhitneyu`.
 */
export function mannWhitneyTest(first: readonly number[], second: readonly number[]): RankTest {
  const [n, m] = [first.length, second.length];
  const u = wilcoxonRankSum([...second], [...first]) - (m * (m + 1)) / 2;
  if (Math.max(n, m) <= MAX_EXACT_SIZE) return { u, p: exactP([...first, ...second], m, u), exact: true };
  return { u, p: normalP(u, [n, m], tieSizes([...first, ...second])), exact: false };
}

function normalP(u: number, [n, m]: readonly [number, number], ties: readonly number[]): number {
  const all = n + m;
  const tied = ties.reduce((sum, size) => sum + size ** 3 - size, 0) / (all * (all - 1));
  const deviation = Math.sqrt(((n * m) / 12) * (all + 1 - tied));
  const z = Math.max(0, Math.abs(u - (n * m) / 2) - 0.5) / deviation;
  return deviation > 0 ? 1 - errorFunction(z / Math.SQRT2) : 1;
}

/** Returns Cliff's delta (1993) from U: the share of pairs with the second value above minus below; -1 to 1. */
export function cliffsDelta({ u }: RankTest, n: number, m: number): number {
  return (2 * u) / (n * m) - 1;
}

/** Returns the smallest p-value possible with these sample sizes: that of disjoint samples. */
export function smallestRankP(n: number, m: number): number {
  return n === 0 || m === 0 ? 1 : Math.min(1, 2 / combinations(n + m, n));
}

function combinations(n: number, k: number): number {
  return Array.from({ length: k }, (_, at) => (n - at) / (at + 1)).reduce((product, factor) => product * factor, 1);
}

function tieSizes(values: readonly number[]): number[] {
  return [...Map.groupBy(values, (value) => value).values()].map(({ length }) => length).filter((size) => size > 1);
}

/** Returns the share of choices of m values whose U is at least as far from its mean. */
function exactP(values: readonly number[], m: number, u: number): number {
  const ways = countSubsetsBySum(doubledRanks(values), m);
  const total = combinations(values.length, m);
  // Doubled like the ranks, to stay integers.
  const middle = m * (values.length + 1);
  const observed = Math.abs(2 * u + m * (m + 1) - middle);
  let extreme = 0;
  for (const [sum, count] of ways.entries()) if (Math.abs(sum - middle) >= observed) extreme += count;
  return Math.min(1, extreme / total);
}

/** Returns twice the mid-rank of each value. */
function doubledRanks(values: readonly number[]): number[] {
  return values.map((value) => {
    const [below, equal] = [values.filter((other) => other < value), values.filter((other) => other === value)];
    return 2 * below.length + equal.length + 1;
  });
}

/** Counts the subsets of size m by their sum. */
function countSubsetsBySum(numbers: readonly number[], m: number): number[] {
  const maxSum = numbers.reduce((sum, number) => sum + number, 0);
  const ways = Array.from({ length: m + 1 }, () => new Array<number>(maxSum + 1).fill(0));
  ways[0]![0] = 1;
  for (const number of numbers) {
    for (let chosen = m; chosen >= 1; chosen--) {
      for (let sum = maxSum; sum >= number; sum--) ways[chosen]![sum]! += ways[chosen - 1]![sum - number]!;
    }
  }
  return ways[m]!;
}
