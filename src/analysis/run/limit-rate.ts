import { amountOf, sustainedRate } from '../../../mock-server/admission/period.ts';
import { oncePerRun } from './once-per-run.ts';
import type { Run } from './run-view.ts';

/** What one limit lets in, counted in requests such as the run's. */
export interface LimitRate {
  readonly limit: string;
  /** Requests a second in the long run, and at once from a full bucket; all buckets that were met together. */
  readonly perSecond: number;
  readonly burst: number;
  /** Units that a request usually costs. */
  readonly cost: number;
}

/** What the limits let in that were met, concurrency apart. */
export const limitRates = oncePerRun((run): readonly LimitRate[] => {
  const met = new Map<string, { costs: Map<number, number>; buckets: Set<string> }>();
  for (const { limits } of run.attempts) {
    for (const { limit, cost, bucket } of limits) {
      if (cost <= 0) continue;
      const seen = met.get(limit) ?? { costs: new Map(), buckets: new Set() };
      seen.costs.set(cost, (seen.costs.get(cost) ?? 0) + 1);
      seen.buckets.add(bucket);
      met.set(limit, seen);
    }
  }
  return run.header.scenario.provider.limits.flatMap(({ name, spec }) => {
    const seen = met.get(name);
    const rate = sustainedRate(spec);
    if (!seen || !rate) return [];
    const cost = medianOf(seen.costs);
    const scale = seen.buckets.size / cost;
    const perSecond = (scale * rate.amount * 1e6) / rate.periodUs;
    return [{ limit: name, perSecond, burst: scale * amountOf(spec), cost }];
  });
});

/** The median of values, of which many are equal, by how often each came. */
function medianOf(counts: ReadonlyMap<number, number>): number {
  const values = [...counts].sort(([a], [b]) => a - b);
  const half = values.reduce((sum, [, count]) => sum + count, 0) / 2;
  let seen = 0;
  for (const [index, [value, count]] of values.entries()) {
    seen += count;
    if (seen > half) return value;
    // The middle lies between this value and the next.
    if (seen === half) return (value + values[index + 1]![0]) / 2;
  }
  return Number.NaN;
}

/** The limit that lets in the fewest requests in the long run, if any was met. */
export function tightestRate(run: Run): LimitRate | undefined {
  return limitRates(run).reduce<LimitRate | undefined>(
    (least, one) => (least && least.perSecond <= one.perSecond ? least : one),
    undefined,
  );
}
