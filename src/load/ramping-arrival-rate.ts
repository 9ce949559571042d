import { arrivalTimes, type RateSegment } from './arrivals.ts';
import type { ExecutorOf } from './executor.ts';
import type { OpenPlan } from './plan.ts';

/** Iterations start at a rate that ramps linearly through the stages; a stage of zero length jumps. */
export function rampingArrivalRate(executor: ExecutorOf<'ramping-arrival-rate'>): OpenPlan {
  const { startRatePerSecond, stages, startUs, gracefulStopUs, arrivals, maxVus } = executor;
  const segments: RateSegment[] = stages.map(({ durationUs, target }, index) => ({
    durationUs,
    fromPerSecond: stages[index - 1]?.target ?? startRatePerSecond,
    toPerSecond: target,
  }));
  const endUs = segments.reduce((atUs, { durationUs }) => atUs + durationUs, startUs);
  return {
    kind: 'open',
    arrivals: (random) => arrivalTimes(startUs, segments, arrivals, random),
    endUs,
    hardEndUs: endUs + gracefulStopUs,
    maxVus,
  };
}
