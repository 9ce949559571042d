/** How long a VU waits between two iterations: `between`, `constant` and `constant_pacing` of Locust. */
export type WaitTime =
  | { readonly kind: 'none' }
  | { readonly kind: 'between'; readonly minUs: number; readonly maxUs: number }
  | { readonly kind: 'constant'; readonly waitUs: number }
  /** Starts are `periodUs` apart; after an iteration that takes longer, the next starts at once. */
  | { readonly kind: 'constant-pacing'; readonly periodUs: number };

export interface Closed {
  readonly wait: WaitTime;
}

export interface Timing {
  /** Name of the load; each call carries it. */
  readonly name?: string;
  /** Start, counted from the start of the run. */
  readonly startUs: number;
  /** How long calls in flight may continue after the end. */
  readonly gracefulStopUs: number;
}

export interface Open {
  readonly arrivals: 'uniform' | 'poisson';
  readonly maxVus: number;
}

/** A linear ramp to `target` VUs or arrivals per second over `durationUs`. */
export interface Stage {
  readonly durationUs: number;
  readonly target: number;
}

/** The six executors, with the names and semantics of k6. Rates are arrivals per second. */
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

/** The executor with this name. */
export type ExecutorOf<Name extends Executor['executor']> = Extract<Executor, { readonly executor: Name }>;
