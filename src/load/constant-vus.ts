import type { ExecutorOf } from './executor.ts';
import type { ClosedPlan } from './plan.ts';
import { spansOf } from './spans.ts';

/** A fixed number of VUs loop for a fixed time. */
export function constantVus({
  vus,
  startUs,
  durationUs,
  gracefulStopUs,
  wait,
}: ExecutorOf<'constant-vus'>): ClosedPlan {
  const endUs = startUs + durationUs;
  return {
    kind: 'closed',
    spans: spansOf(vus, startUs, endUs),
    wait,
    endUs,
    hardEndUs: endUs + gracefulStopUs,
    maxVus: vus,
  };
}
