import type { ExecutorOf } from './executor.ts';
import type { ClosedPlan } from './plan.ts';
import { spansOf } from './spans.ts';

/** A number of iterations that the VUs share: whoever is free takes the next. */
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
