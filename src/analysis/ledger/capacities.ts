import { sustainedRate } from '../../../mock-server/admission/limit-rate.ts';
import { algorithmOf } from '../../../mock-server/limiter/algorithms.ts';
import { memoizeByRun } from '../run/memoize-by-run.ts';
import type { Run } from '../run/run-view.ts';
import { needsByProvider } from './needs.ts';

/** What one provider of several admits in the long run. */
export interface Capacity {
  readonly provider: string;
  /** Its limit that admits the fewest requests; undefined without a limit on a rate. */
  readonly limit: string | undefined;
  /** Requests per second under that limit; Infinity without one. */
  readonly perSecond: number;
}

/**
 * Computes what each provider admits of requests as the run sent them: the sum is what a client can have that uses them all. Empty
 * with one provider.
 */
export const findCapacities = memoizeByRun((run): readonly Capacity[] => {
  const needs = [...needsByProvider(run)];
  if (needs.length < 2) return [];
  return needs.map(([provider, own]) =>
    own
      .flatMap(({ limit, cost }): Capacity[] => {
        const rate = sustainedRate(limit.spec);
        if (!rate || algorithmOf(limit.spec).restricts !== 'rate') return [];
        const buckets = countBuckets(run, limit.name);
        return [{ provider, limit: limit.name, perSecond: (buckets * rate.amount * 1e6) / rate.periodUs / cost }];
      })
      .reduce((tightest, one) => (one.perSecond < tightest.perSecond ? one : tightest), {
        provider,
        limit: undefined,
        perSecond: Infinity,
      }),
  );
});

function countBuckets(run: Run, name: string): number {
  const seen = new Set<string>();
  for (const { limits } of run.attempts) {
    for (const { limit, bucket } of limits) if (limit === name) seen.add(bucket);
  }
  return Math.max(1, seen.size);
}
