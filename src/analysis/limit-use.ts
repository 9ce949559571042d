import { limitAmount, sustainedRate } from '../../mock-server/admission/limit-rate.ts';
import type { AlgorithmSpec } from '../../mock-server/limiter/algorithms.ts';
import { createLimiter } from '../../mock-server/limiter/create-limiter.ts';
import { limitsOf } from '../scenario/fleet.ts';
import { isAdmitted, isRejected } from './run/attempts.ts';
import type { Run } from './run/run-view.ts';

/** Usage of one limit over the run, summed over its buckets. */
export interface LimitUse {
  readonly limit: string;
  readonly unit: string;
  /** Refused attempts whose refusal names this limit. */
  readonly denied: number;
  /** Number of buckets used. */
  readonly buckets: number;
  /** Units charged to admitted attempts. */
  readonly admitted: number;
  /** Units that the used buckets could have admitted during the run: level at the start plus refill; null if unbounded. */
  readonly admissible: number | null;
}

/** Computes the usage of every limit of the scenario, in its order. */
export function computeLimitUse(run: Run): LimitUse[] {
  const limits = limitsOf(run.header.scenario);
  const usage = new Map(limits.map(({ name }) => [name, { denied: 0, admitted: 0, buckets: new Set<string>() }]));
  for (const attempt of run.attempts) {
    if (attempt.deniedBy !== undefined && isRejected(attempt)) {
      const denying = usage.get(attempt.deniedBy);
      if (denying) denying.denied++;
    }
    const admitted = isAdmitted(attempt);
    for (const { limit, bucket, cost } of attempt.limits) {
      const used = usage.get(limit);
      used?.buckets.add(bucket);
      if (used && admitted) used.admitted += cost;
    }
  }
  for (const { limit, bucket, denied, charged } of run.seconds.flatMap(({ buckets = [] }) => buckets)) {
    const used = usage.get(limit);
    if (!used) continue;
    used.denied += denied;
    used.admitted += charged;
    used.buckets.add(bucket);
  }
  return limits.map(({ name, unit, spec }) => {
    const { denied, admitted, buckets: bucketNames } = usage.get(name)!;
    const buckets = bucketNames.size;
    const rate = sustainedRate(spec);
    return {
      limit: name,
      unit,
      denied,
      buckets,
      admitted,
      admissible: rate && buckets * (initialLevel(spec) + (rate.amount * run.endUs) / rate.periodUs),
    };
  });
}

/** What an unused bucket holds at first: its capacity, unless the scenario lets it begin with less. */
function initialLevel(spec: AlgorithmSpec): number {
  const limiter = createLimiter(spec);
  return Math.min(limitAmount(spec), limiter.check(limiter.initial(0), 0, 0).remaining);
}
