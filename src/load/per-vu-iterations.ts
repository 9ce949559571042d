import type { ExecutorOf } from './executor.ts';
import type { ClosedPlan } from './plan.ts';
import { spansOf } from './spans.ts';

/** Each VU makes the same number of iterations, at its own pace. */
export function perVuIterations(executor: ExecutorOf<'per-vu-iterations'>): ClosedPlan {
  const { vus, iterations, startUs, maxDurationUs, gracefulStopUs, wait } = executor;
  const endUs = startUs + maxDurationUs;
  return {
    kind: 'closed',
    spans: spansOf(vus, startUs, endUs),
    perVuIterations: iterations,
    wait,
    endUs,
    hardEndUs: endUs + gracefulStopUs,
    maxVus: vus,
  };
}
