import type { Rate } from '../quantity.ts';

/** Continuous refill. `gcra` and `leaky-meter` are equivalent formulations (`limits.md` section 1). */
export interface TokenBucketSpec {
  readonly algorithm: 'token-bucket' | 'gcra' | 'leaky-meter';
  readonly capacity: number;
  readonly refill: Rate;
  /** Level at the start; default `capacity`. */
  readonly initial?: number;
  /** Lowest level, below zero, that charges of refused requests and overruns may reach; default `capacity`. */
  readonly maxDebt?: number;
}

/** Refill at ticks: `refill.amount` at every multiple of `refill.periodUs` since `anchorUs` (default 0). */
export interface TickBucketSpec {
  readonly algorithm: 'tick-bucket';
  readonly capacity: number;
  readonly refill: Rate;
  readonly anchorUs?: number;
}

/** `anchor: clock` starts windows at multiples of `windowUs` since `offsetUs`; `first-request` at the first charge. */
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

/** nginx `limit_req`: `delay: 'nodelay'` forwards the whole burst at once; a number delays only requests above it. */
export interface LeakyBucketSpec {
  readonly algorithm: 'leaky-bucket';
  readonly rate: Rate;
  readonly burst: number;
  readonly delay: 'nodelay' | number;
}

/** A queue that releases one request every `intervalUs` and holds at most `maxQueue` requests. */
export interface LeakyQueueSpec {
  readonly algorithm: 'leaky-queue';
  readonly intervalUs: number;
  readonly maxQueue: number;
}

/** `amount` per local day or month, reset at `resetHour` local time. */
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

/** The algorithm and parameters of a limiter. */
export type AlgorithmSpec =
  | TokenBucketSpec
  | TickBucketSpec
  | FixedWindowSpec
  | SlidingWindowSpec
  | LeakyBucketSpec
  | LeakyQueueSpec
  | CalendarQuotaSpec
  | ConcurrencySpec;
