/**
 * The contract of every limiter. All functions are pure: time is an argument, and state is a small plain object that survives
 * `JSON.parse(JSON.stringify(state))`. Times are integer microseconds on a clock that the caller chooses (Unix epoch for the
 * provider); costs are integers in the limit's unit.
 */

/** The decision of a limiter on one request at one instant. */
export interface Decision {
  readonly admit: boolean;
  /** Whole units left, rounded down, at least 0: after this request if admitted, else at present. */
  readonly remaining: number;
  /** Microseconds, rounded up, until the bucket is full or the window is over; same basis as `remaining`. */
  readonly resetUs: number;
  /** 0 if admitted; else microseconds, rounded up, until this cost would pass without other traffic; `Infinity` for never. */
  readonly retryAfterUs: number;
  /** How long an admitted request is delayed (queues and nginx without `nodelay`); else 0. */
  readonly delayUs: number;
}

/** Identifies a charge so that it can be settled later. `endsUs` is its expected end (concurrency). */
export interface Hold {
  readonly id: number;
  readonly endsUs?: number;
}

/** An earlier charge and its actual cost. */
export interface Settlement {
  readonly id: number;
  readonly chargedAtUs: number;
  readonly charged: number;
  readonly actual: number;
}

export interface Limiter<State = unknown> {
  /** The largest cost that can ever pass at once; larger costs are denied with `retryAfterUs: Infinity`. */
  readonly capacity: number;
  /** What the bucket holds when full, at `nowUs`; absent if that never changes. */
  amountAt?(state: State, nowUs: number): number;
  /** The state of an unused bucket at `nowUs`. */
  initial(nowUs: number): State;
  /** Decides without changing state. Cost 0 is a peek: always admitted, and opens no window. */
  check(state: State, nowUs: number, cost: number): Decision;
  /**
   * Charges `cost` even if `check` would deny it; admission decides what to charge. With a `hold`, the charge can be settled
   * later. Cost 0 leaves the state unchanged.
   */
  charge(state: State, nowUs: number, cost: number, hold?: Hold): State;
  /**
   * Settles an earlier charge that was made with a hold, exactly once. A refund never raises the level above what it would be
   * had the actual cost been charged from the start (`limits.md` section 3); an overrun is charged without a check.
   */
  settle(state: State, nowUs: number, settlement: Settlement): State;
  /** Returns whether the state is equivalent to the initial state from now on, so that it can be dropped. */
  isIdle(state: State, nowUs: number): boolean;
}
