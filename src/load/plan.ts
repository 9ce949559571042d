import type { WaitTime } from './executor.ts';

/** Uniform numbers in [0, 1); the caller seeds it. */
export type Random = () => number;

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
  /** Due times, ascending, each below `endUs`, drawn from the given random source. */
  arrivals(random: Random): Iterable<number>;
  readonly endUs: number;
  readonly hardEndUs: number;
  /** An arrival that finds this many VUs busy is dropped. */
  readonly maxVus: number;
}

export type LoadPlan = ClosedPlan | OpenPlan;
