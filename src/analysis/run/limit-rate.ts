import { limitAmount, sustainedRate } from '../../../mock-server/admission/limit-rate.ts';
import { limitsOf } from '../../scenario/fleet.ts';
import { memoizeByRun } from './memoize-by-run.ts';
import type { Run } from './run-view.ts';

/** The rate of one limit, in requests of the run's median cost. */
export interface LimitRate {
  readonly limit: string;
  /** Sustained requests per second, and burst from full buckets; summed over the used buckets. */
  readonly perSecond: number;
  readonly burst: number;
  /** Median units per request. */
  readonly cost: number;
}

/** Computes the rate of each limit that was charged, except concurrency limits. */
export const computeLimitRates = memoizeByRun((run): readonly LimitRate[] => {
  const charges = new Map<string, { costs: Map<number, number>; buckets: Set<string> }>();
  for (const { limits } of run.attempts) {
    for (const { limit, cost, bucket } of limits) {
      if (cost <= 0) continue;
      const charged = charges.get(limit) ?? { costs: new Map(), buckets: new Set() };
      charged.costs.set(cost, (charged.costs.get(cost) ?? 0) + 1);
      charged.buckets.add(bucket);
      charges.set(limit, charged);
    }
  }
  return limitsOf(run.header.scenario).flatMap(({ name, spec }) => {
    const charged = charges.get(name);
    const rate = sustainedRate(spec);
    if (!charged || !rate) return [];
    const cost = medianOfCounts(charged.costs);
    const scale = charged.buckets.size / cost;
    const perSecond = (scale * rate.amount * 1e6) / rate.periodUs;
    return [{ limit: name, perSecond, burst: scale * limitAmount(spec), cost }];
  });
});

/** Returns the median of counted values. */
function medianOfCounts(counts: ReadonlyMap<number, number>): number {
  const values = [...counts].sort(([a], [b]) => a - b);
  const half = values.reduce((sum, [, count]) => sum + count, 0) / 2;
  let below = 0;
  for (const [index, [value, count]] of values.entries()) {
    below += count;
    if (below > half) return value;
    // The median lies between this value and the next.
    if (below === half) return (value + values[index + 1]![0]) / 2;
  }
  return Number.NaN;
}

/** Returns the limit with the lowest sustained request rate; undefined if no limit was charged. */
export function findTightestRate(run: Run): LimitRate | undefined {
  return computeLimitRates(run).reduce<LimitRate | undefined>(
    (tightest, next) => (tightest && tightest.perSecond <= next.perSecond ? tightest : next),
    undefined,
  );
}
