import { amountOf, sustainedRate } from '../../mock-server/admission/period.ts';
import { isAdmitted, isRejected } from './attempts.ts';
import type { Run } from './run-view.ts';

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
  return run.header.scenario.provider.limits.map(({ name, unit, spec }) => {
    const sights = run.attempts.flatMap((attempt) =>
      attempt.limits
        .filter(({ limit }) => limit === name)
        .map((sight) => ({ ...sight, admitted: isAdmitted(attempt) })),
    );
    const buckets = new Set(sights.map(({ bucket }) => bucket)).size;
    const rate = sustainedRate(spec);
    return {
      limit: name,
      unit,
      denied: run.attempts.filter((attempt) => attempt.deniedBy === name && isRejected(attempt)).length,
      buckets,
      admitted: sights.reduce((sum, { cost, admitted }) => sum + (admitted ? cost : 0), 0),
      admissible: rate && buckets * (amountOf(spec) + (rate.amount * run.endUs) / rate.periodUs),
    };
  });
}
