/** `amount` units per `periodUs` microseconds. */
export interface Rate {
  readonly amount: number;
  readonly periodUs: number;
}

/** Continuous refill. `gcra` and `leaky-meter` are other spellings of the same arithmetic (`limits.md` section 1). */
export interface TokenBucketSpec {
  readonly algorithm: 'token-bucket' | 'gcra' | 'leaky-meter';
  readonly capacity: number;
  readonly refill: Rate;
  /** Level at the start; default `capacity`. */
  readonly initial?: number;
  /** How far below zero charges of denied requests and overruns may push the level; default `capacity`. */
  readonly maxDebt?: number;
}

/** Refill in lumps: `refill.amount` at every whole `refill.periodUs` since `anchorUs` (default 0). */
export interface TickBucketSpec {
  readonly algorithm: 'tick-bucket';
  readonly capacity: number;
  readonly refill: Rate;
  readonly anchorUs?: number;
}

/** `anchor: clock` starts windows at whole multiples of `windowUs` since `offsetUs`; `first-request` at the first charge. */
export interface FixedWindowSpec {
  readonly algorithm: 'fixed-window';
  readonly amount: number;
  readonly windowUs: number;
  readonly anchor: 'clock' | 'first-request';
  readonly offsetUs?: number;
}

export interface SlidingWindowSpec {
  readonly algorithm: 'sliding-window-log' | 'sliding-window-counter';
  readonly amount: number;
  readonly windowUs: number;
}

/** nginx `limit_req`: `delay: 'nodelay'` forwards the whole burst at once, a number delays only what is above it. */
export interface LeakyBucketSpec {
  readonly algorithm: 'leaky-bucket';
  readonly rate: Rate;
  readonly burst: number;
  readonly delay: 'nodelay' | number;
}

/** A queue that lets one request out every `intervalUs` and holds at most `maxQueue` waiting ones. */
export interface LeakyQueueSpec {
  readonly algorithm: 'leaky-queue';
  readonly intervalUs: number;
  readonly maxQueue: number;
}

/** `amount` per local day or month, back to zero at `resetHour` local time. */
export interface CalendarQuotaSpec {
  readonly algorithm: 'calendar-quota';
  readonly amount: number;
  readonly per: 'day' | 'month';
  /** IANA name, e.g. `Europe/Berlin`. */
  readonly timeZone: string;
  readonly resetHour: number;
}

export interface ConcurrencySpec {
  readonly algorithm: 'concurrency';
  readonly amount: number;
}

/** One limiter's algorithm and numbers. */
export type AlgorithmSpec =
  | TokenBucketSpec
  | TickBucketSpec
  | FixedWindowSpec
  | SlidingWindowSpec
  | LeakyBucketSpec
  | LeakyQueueSpec
  | CalendarQuotaSpec
  | ConcurrencySpec;
