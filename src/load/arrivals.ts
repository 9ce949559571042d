import type { Random } from './plan.ts';

/** A stretch of time over which the arrival rate goes in a straight line. Rates are arrivals per second. */
export interface RateSegment {
  readonly durationUs: number;
  readonly fromPerSecond: number;
  readonly toPerSecond: number;
}

/**
 * Arrival times, ascending, in whole microseconds from `startUs`. Uniform: the n-th comes when the integral of the rate
 * reaches n. Poisson: when it reaches the n-th point of a process of rate 1, which makes any rate's process of it (time
 * warping). Every time is computed from the start, so that nothing adds up.
 */
export function* arrivalTimes(
  startUs: number,
  segments: readonly RateSegment[],
  kind: 'uniform' | 'poisson',
  random: Random,
): Generator<number> {
  let due = kind === 'uniform' ? 0 : exponential(random);
  let reached = 0;
  let segmentUs = startUs;
  for (const segment of segments) {
    const holds = (segment.durationUs / 1e6) * ((segment.fromPerSecond + segment.toPerSecond) / 2);
    while (due < reached + holds) {
      yield Math.floor(segmentUs + timeToReachUs(segment, due - reached));
      due += kind === 'uniform' ? 1 : exponential(random);
    }
    reached += holds;
    segmentUs += segment.durationUs;
  }
}

/** Solves from·t + (to − from)·t²/(2·D) = count for t, in the form that stays exact when the quadratic term vanishes. */
function timeToReachUs({ durationUs, fromPerSecond, toPerSecond }: RateSegment, count: number): number {
  if (count === 0) return 0;
  const slope = (toPerSecond - fromPerSecond) / (durationUs / 1e6);
  const root = Math.sqrt(Math.max(0, fromPerSecond ** 2 + 2 * slope * count));
  return ((2 * count) / (fromPerSecond + root)) * 1e6;
}

/** The gap of a Poisson process of rate 1. */
function exponential(random: Random): number {
  return -Math.log(1 - random());
}
