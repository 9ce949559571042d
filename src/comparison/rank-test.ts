import { errorFunction, wilcoxonRankSum } from 'simple-statistics';

export interface RankTest {
  /** Pairs in which the second sample is above the first, halves for ties. */
  readonly u: number;
  /** Two-sided: how often samples of one and the same kind are as far apart as these. */
  readonly p: number;
  /** Counted over all orders, or by the normal approximation. */
  readonly exact: boolean;
}

/** Below this many values a side all ways to deal them out are counted: their number is a whole one below 2^53. */
const COUNTED_BELOW = 25;

/**
 * Mann and Whitney's U of two samples (1947). Two-sided p: for fewer than 25 values a side exact, ties or not, by counting
 * the ways to deal the ranks out (Streitberg and Röhmel 1986); else normal with the corrections for ties and continuity
 * (Lehmann 1975, section 1.2), as scipy's `mannwhitneyu` has it.
 */
export function mannWhitney(first: readonly number[], second: readonly number[]): RankTest {
  const [n, m] = [first.length, second.length];
  const u = wilcoxonRankSum([...second], [...first]) - (m * (m + 1)) / 2;
  if (Math.max(n, m) < COUNTED_BELOW) return { u, p: countedP([...first, ...second], m, u), exact: true };
  return { u, p: normalP(u, [n, m], tieSizes([...first, ...second])), exact: false };
}

function normalP(u: number, [n, m]: readonly [number, number], ties: readonly number[]): number {
  const all = n + m;
  const tied = ties.reduce((sum, size) => sum + size ** 3 - size, 0) / (all * (all - 1));
  const deviation = Math.sqrt(((n * m) / 12) * (all + 1 - tied));
  const z = Math.max(0, Math.abs(u - (n * m) / 2) - 0.5) / deviation;
  return deviation > 0 ? 1 - errorFunction(z / Math.SQRT2) : 1;
}

/** Cliff's delta (1993), from U: how much more often the second is above the first than below it; -1 to 1. */
export function cliffsDelta({ u }: RankTest, n: number, m: number): number {
  return (2 * u) / (n * m) - 1;
}

/** The smallest p that samples of these sizes can have: that of samples which do not overlap. */
export function smallestRankP(n: number, m: number): number {
  return n === 0 || m === 0 ? 1 : Math.min(1, 2 / combinations(n + m, n));
}

function combinations(n: number, k: number): number {
  return Array.from({ length: k }, (_, at) => (n - at) / (at + 1)).reduce((product, factor) => product * factor, 1);
}

function tieSizes(values: readonly number[]): number[] {
  return [...Map.groupBy(values, (value) => value).values()].map(({ length }) => length).filter((size) => size > 1);
}

/** The share of all ways to choose m of the values whose U is at least as far from the middle. */
function countedP(values: readonly number[], m: number, u: number): number {
  const ways = waysBySum(doubledRanks(values), m);
  const total = combinations(values.length, m);
  // Doubled, as the ranks are: whole numbers.
  const middle = m * (values.length + 1);
  const seen = Math.abs(2 * u + m * (m + 1) - middle);
  let far = 0;
  for (const [sum, count] of ways.entries()) if (Math.abs(sum - middle) >= seen) far += count;
  return Math.min(1, far / total);
}

/** Twice the middle rank of each value. */
function doubledRanks(values: readonly number[]): number[] {
  return values.map((value) => {
    const [below, equal] = [values.filter((other) => other < value), values.filter((other) => other === value)];
    return 2 * below.length + equal.length + 1;
  });
}

/** In how many ways m of the numbers have each sum. */
function waysBySum(numbers: readonly number[], m: number): number[] {
  const most = numbers.reduce((sum, number) => sum + number, 0);
  const ways = Array.from({ length: m + 1 }, () => new Array<number>(most + 1).fill(0));
  ways[0]![0] = 1;
  for (const number of numbers) {
    for (let chosen = m; chosen >= 1; chosen--) {
      for (let sum = most; sum >= number; sum--) ways[chosen]![sum]! += ways[chosen - 1]![sum - number]!;
    }
  }
  return ways[m]!;
}
