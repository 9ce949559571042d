import type { Random } from '../../mock-server/random.ts';
import type { Arrival } from './call-shape.ts';

/** A segment of time over which the arrival rate changes linearly. Rates are arrivals per second. */
export interface RateSegment {
  readonly durationUs: number;
  readonly fromPerSecond: number;
  readonly toPerSecond: number;
}

/**
 * Yields arrivals, ascending, in whole microseconds from `startUs`. Uniform: the n-th arrival is when the integral of
 * the rate reaches n. Poisson: when it reaches the n-th point of a process of rate 1 (time warping, which gives a Poisson
 * process of any rate). Every time is computed from the start, so that rounding errors do not accumulate.
 */
export function* arrivalTimes(
  startUs: number,
  segments: readonly RateSegment[],
  kind: 'uniform' | 'poisson',
  random: Random,
): Generator<Arrival> {
  let due = kind === 'uniform' ? 0 : exponential(random);
  let arrived = 0;
  let segmentUs = startUs;
  for (const segment of segments) {
    const expected = (segment.durationUs / 1e6) * ((segment.fromPerSecond + segment.toPerSecond) / 2);
    while (due < arrived + expected) {
      yield { atUs: Math.floor(segmentUs + timeToReachUs(segment, due - arrived)) };
      due += kind === 'uniform' ? 1 : exponential(random);
    }
    arrived += expected;
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
