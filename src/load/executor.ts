/** How long a VU rests between two iterations: Locust's `between` and `constant`, and its `constant_pacing`. */
export type WaitTime =
  | { readonly kind: 'none' }
  | { readonly kind: 'between'; readonly minUs: number; readonly maxUs: number }
  | { readonly kind: 'constant'; readonly waitUs: number }
  /** Starts are `periodUs` apart; an iteration that takes longer is followed at once. */
  | { readonly kind: 'constant-pacing'; readonly periodUs: number };

export interface Closed {
  readonly wait: WaitTime;
}

export interface Timing {
  /** Tells the load from others of the run; the client is told it with each call. */
  readonly name?: string;
  /** Start after the start of the run. */
  readonly startUs: number;
  /** How long calls in flight may go on after the end. */
  readonly gracefulStopUs: number;
}

export interface Open {
  readonly arrivals: 'uniform' | 'poisson';
  readonly maxVus: number;
}

/** A number of VUs, or of arrivals per second, to be reached linearly in `durationUs`. */
export interface Stage {
  readonly durationUs: number;
  readonly target: number;
}

/** The six executors, named and understood as in k6. Rates are arrivals per second. */
export type Executor = Timing &
  (
    | ({ readonly executor: 'constant-vus'; readonly vus: number; readonly durationUs: number } & Closed)
    | ({ readonly executor: 'ramping-vus'; readonly startVus: number; readonly stages: readonly Stage[] } & Closed)
    | ({
        readonly executor: 'per-vu-iterations';
        readonly vus: number;
        readonly iterations: number;
        readonly maxDurationUs: number;
      } & Closed)
    | ({
        readonly executor: 'shared-iterations';
        readonly vus: number;
        readonly iterations: number;
        readonly maxDurationUs: number;
      } & Closed)
    | ({
        readonly executor: 'constant-arrival-rate';
        readonly ratePerSecond: number;
        readonly durationUs: number;
      } & Open)
    | ({
        readonly executor: 'ramping-arrival-rate';
        readonly startRatePerSecond: number;
        readonly stages: readonly Stage[];
      } & Open)
  );

/** The executor of one name. */
export type ExecutorOf<Name extends Executor['executor']> = Extract<Executor, { readonly executor: Name }>;
