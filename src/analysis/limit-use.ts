import { amountOf, sustainedRate } from '../../mock-server/admission/period.ts';
import { isAdmitted, isRejected } from './run/attempts.ts';
import type { Run } from './run/run-view.ts';

/** How one limit was used over the run, all of its buckets together. */
export interface LimitUse {
  readonly limit: string;
  readonly unit: string;
  /** Attempts that this limit refused: it was the one reported. */
  readonly denied: number;
  /** Buckets that were met. */
  readonly buckets: number;
  /** Units charged to admitted attempts. */
  readonly admitted: number;
  /** Units the met buckets could have admitted in that time, their amount and what comes back; null if unbounded. */
  readonly admissible: number | null;
}

/** The use of every limit of the scenario, in its order. */
export function limitUse(run: Run): LimitUse[] {
  const { limits } = run.header.scenario.provider;
  const met = new Map(limits.map(({ name }) => [name, { denied: 0, admitted: 0, buckets: new Set<string>() }]));
  for (const attempt of run.attempts) {
    if (attempt.deniedBy !== undefined && isRejected(attempt)) {
      const denying = met.get(attempt.deniedBy);
      if (denying) denying.denied++;
    }
    const admitted = isAdmitted(attempt);
    for (const { limit, bucket, cost } of attempt.limits) {
      const seen = met.get(limit);
      seen?.buckets.add(bucket);
      if (seen && admitted) seen.admitted += cost;
    }
  }
  for (const { limit, bucket, denied, charged } of run.seconds.flatMap(({ buckets = [] }) => buckets)) {
    const seen = met.get(limit);
    if (!seen) continue;
    seen.denied += denied;
    seen.admitted += charged;
    seen.buckets.add(bucket);
  }
  return limits.map(({ name, unit, spec }) => {
    const { denied, admitted, buckets: seen } = met.get(name)!;
    const buckets = seen.size;
    const rate = sustainedRate(spec);
    return {
      limit: name,
      unit,
      denied,
      buckets,
      admitted,
      admissible: rate && buckets * (amountOf(spec) + (rate.amount * run.endUs) / rate.periodUs),
    };
  });
}
