/**
 * The contract every limiter keeps. All of it is pure: time is an argument, state goes in and comes out as a small
 * plain object that survives `JSON.parse(JSON.stringify(state))`. Times are integer microseconds on one clock that the
 * caller chooses (Unix epoch for the provider); costs are integers in the limit's own unit.
 */

/** What a limiter says about one request at one instant, without changing anything. */
export interface Decision {
  readonly admit: boolean;
  /** Whole units left, rounded down, never below 0: after this request if it is admitted, as things stand if not. */
  readonly remaining: number;
  /** Microseconds, rounded up, until nothing is owed any more (bucket full, window over), on the same footing. */
  readonly resetUs: number;
  /** 0 when admitted; else microseconds, rounded up, until this cost would pass alone; `Infinity` for never. */
  readonly retryAfterUs: number;
  /** How long an admitted request is held back before it goes on (queues and nginx without `nodelay`); else 0. */
  readonly delayUs: number;
}

/** Names one charge so that it can be corrected later. `endsUs` is when its holder expects to end (concurrency). */
export interface Hold {
  readonly id: number;
  readonly endsUs?: number;
}

/** An earlier charge and what it turned out to have cost. */
export interface Settlement {
  readonly id: number;
  readonly chargedAtUs: number;
  readonly charged: number;
  readonly actual: number;
}

export interface Limiter<State = unknown> {
  /** The largest cost that can ever pass at once; a larger one is denied with `retryAfterUs: Infinity`. */
  readonly capacity: number;
  /** The state of a bucket nobody has touched, at `nowUs`. */
  initial(nowUs: number): State;
  /** Decides without changing anything. Cost 0 is a peek: always admitted, no window opened. */
  check(state: State, nowUs: number, cost: number): Decision;
  /**
   * Charges `cost` whether or not `check` would admit it (admission decides; denied requests are charged only where a
   * limit says so). With a `hold` the charge can be settled later. Cost 0 leaves the state as it is.
   */
  charge(state: State, nowUs: number, cost: number, hold?: Hold): State;
  /**
   * Corrects an earlier charge that was made with a hold, exactly once. A refund never gives back more than would have
   * been there had the true cost been charged at first (`limits.md` section 3); an overrun is charged without a check.
   */
  settle(state: State, nowUs: number, settlement: Settlement): State;
  /** True when the state answers every later question as `initial` would, so that it can be forgotten. */
  isIdle(state: State, nowUs: number): boolean;
}
