import type { WaitTime } from './executor.ts';

/** Uniform numbers in [0, 1); the caller seeds it. */
export type Random = () => number;

/** When one VU is wanted: it starts iterations from `startUs` on and no new one at or after `stopUs`. */
export interface Span {
  readonly vu: number;
  readonly startUs: number;
  readonly stopUs: number;
}

/** A closed load model: each VU loops, resting by `wait` between iterations. Microseconds since the start of the run. */
export interface ClosedPlan {
  readonly kind: 'closed';
  /** Sorted by start, then VU. A VU of a ramp may have several spans. */
  readonly spans: readonly Span[];
  /** Iterations each VU makes at most, or all of them together. */
  readonly perVuIterations?: number;
  readonly sharedIterations?: number;
  readonly wait: WaitTime;
  /** No iteration starts at or after this. */
  readonly endUs: number;
  /** Calls still open then are left unfinished. */
  readonly hardEndUs: number;
  readonly maxVus: number;
}

/** An open load model: iterations start when they are due, whatever became of the earlier ones. */
export interface OpenPlan {
  readonly kind: 'open';
  /** Due times, ascending, each below `endUs`; drawn anew from the random source given. */
  arrivals(random: Random): Iterable<number>;
  readonly endUs: number;
  readonly hardEndUs: number;
  /** An arrival that finds this many VUs busy is dropped. */
  readonly maxVus: number;
}

export type Plan = ClosedPlan | OpenPlan;
