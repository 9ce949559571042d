import type { Random } from '../../mock-server/random.ts';
import { arrivalTimes, type RateSegment } from './arrivals.ts';
import type { Arrival } from './call-shape.ts';
import type { WaitTime } from './wait.ts';

/** Settings that every load has. */
export interface Timing {
  /** Name of the load; each call carries it. */
  readonly name?: string;
  /** Name of the client that makes its calls; absent: the first. */
  readonly client?: string;
  /** Start, counted from the start of the run. */
  readonly startUs: number;
  /** How long calls in flight may continue after the end. */
  readonly gracefulStopUs: number;
}

/** A linear ramp to `target` VUs or arrivals per second over `durationUs`. */
export interface Stage {
  readonly durationUs: number;
  readonly target: number;
}

/** When one VU is active: it starts iterations from `startUs` on, and none at or after `stopUs`. */
export interface LoadSpan {
  readonly vu: number;
  readonly startUs: number;
  readonly stopUs: number;
}

/** A closed load model: each VU loops, with `wait` between iterations. Microseconds since the start of the run. */
export interface ClosedPlan {
  readonly kind: 'closed';
  /** Sorted by start, then VU. A VU of a ramp may have several spans. */
  readonly spans: readonly LoadSpan[];
  /** The stages from which the spans were computed. */
  readonly ramp?: { readonly startVus: number; readonly stages: readonly Stage[] };
  /** Maximum iterations of each VU, or of all VUs together. */
  readonly perVuIterations?: number;
  readonly sharedIterations?: number;
  readonly wait: WaitTime;
  /** No iteration starts at or after this time. */
  readonly endUs: number;
  /** Calls still open at this time are left unfinished. */
  readonly hardEndUs: number;
  readonly maxVus: number;
}

/** An open load model: iterations start when they are due, independent of earlier ones. */
export interface OpenPlan {
  readonly kind: 'open';
  /** The rate over time; of a trace, which has its own times, the average of each part. */
  readonly segments: readonly RateSegment[];
  readonly spread: 'uniform' | 'poisson';
  /** Arrivals in order of time, each before `endUs`, drawn from the given random source. */
  arrivals(random: Random): Iterable<Arrival>;
  readonly endUs: number;
  readonly hardEndUs: number;
  /** An arrival that finds this many VUs busy is dropped. */
  readonly maxVus: number;
}

export type LoadPlan = ClosedPlan | OpenPlan;

/** Returns the plan of VUs that all run from the start for `durationUs`, up to a number of iterations if one is set. */
export function planFixedVus(
  { vus, startUs, gracefulStopUs, wait }: Timing & { readonly vus: number; readonly wait: WaitTime },
  durationUs: number,
  iterations: Pick<ClosedPlan, 'perVuIterations' | 'sharedIterations'> = {},
): ClosedPlan {
  const endUs = startUs + durationUs;
  return {
    kind: 'closed',
    spans: Array.from({ length: vus }, (_, index) => ({ vu: index + 1, startUs, stopUs: endUs })),
    ...iterations,
    wait,
    endUs,
    hardEndUs: endUs + gracefulStopUs,
    maxVus: vus,
  };
}

/** Returns the plan of arrivals whose rate follows `segments` from the start. */
export function planArrivals(
  {
    startUs,
    gracefulStopUs,
    arrivals,
    maxVus,
  }: Timing & Pick<OpenPlan, 'maxVus'> & { readonly arrivals: OpenPlan['spread'] },
  segments: readonly RateSegment[],
): OpenPlan {
  const endUs = segments.reduce((atUs, { durationUs }) => atUs + durationUs, startUs);
  return {
    kind: 'open',
    segments,
    spread: arrivals,
    arrivals: (random) => arrivalTimes(startUs, segments, arrivals, random),
    endUs,
    hardEndUs: endUs + gracefulStopUs,
    maxVus,
  };
}

/** Whether all VUs of a plan run as many iterations as they can, for the same time. */
export function hasEqualDemand(plan: LoadPlan): boolean {
  return plan.kind === 'closed' && !plan.ramp && (plan.perVuIterations ?? plan.sharedIterations) === undefined;
}

/** Rounds a time up to the resolution of a clock, so that a due time between two ticks is not counted as a delay. */
export function ceilToTick(us: number, resolutionUs: number): number {
  return Math.ceil(us / resolutionUs) * resolutionUs;
}
