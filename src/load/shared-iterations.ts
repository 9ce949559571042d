import type { ExecutorOf } from './executor.ts';
import type { ClosedPlan } from './plan.ts';
import { spansOf } from './spans.ts';

/** All VUs share a number of iterations; a free VU takes the next. */
export function sharedIterations(executor: ExecutorOf<'shared-iterations'>): ClosedPlan {
  const { vus, iterations, startUs, maxDurationUs, gracefulStopUs, wait } = executor;
  const endUs = startUs + maxDurationUs;
  return {
    kind: 'closed',
    spans: spansOf(vus, startUs, endUs),
    sharedIterations: iterations,
    wait,
    endUs,
    hardEndUs: endUs + gracefulStopUs,
    maxVus: vus,
  };
}
