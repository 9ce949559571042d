import { arrivalTimes } from './arrivals.ts';
import type { ExecutorOf } from './executor.ts';
import type { OpenPlan } from './plan.ts';

/** Iterations start at a fixed rate, however long they take. */
export function constantArrivalRate(executor: ExecutorOf<'constant-arrival-rate'>): OpenPlan {
  const { ratePerSecond, durationUs, startUs, gracefulStopUs, arrivals, maxVus } = executor;
  const segment = { durationUs, fromPerSecond: ratePerSecond, toPerSecond: ratePerSecond };
  const endUs = startUs + durationUs;
  return {
    kind: 'open',
    arrivals: (random) => arrivalTimes(startUs, [segment], arrivals, random),
    endUs,
    hardEndUs: endUs + gracefulStopUs,
    maxVus,
  };
}
