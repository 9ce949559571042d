import type { Aimd, Breaker, Pace, RetryBudget } from '../retry/client-model.ts';

/** How an attempt went, as far as a client's own gates care. */
export type Went = 'ok' | 'refused' | 'failed';

/** Lets attempts go at a client's own rate. */
export interface Pacer {
  /** Takes a place and says how long from now it is; 0 for at once. */
  waitUs(nowUs: number): number;
  ended(nowUs: number, went: Went): void;
}

/** A token bucket that callers queue at: places are given away in the order in which they are asked for. */
export function steadyPacer({ burst, intervalUs }: Pace): Pacer {
  let nextUs = -Infinity;
  return {
    waitUs(nowUs) {
      nextUs = Math.max(nextUs, nowUs - (burst - 1) * intervalUs) + intervalUs;
      return Math.max(0, nextUs - intervalUs - nowUs);
    },
    ended: () => undefined,
  };
}

/** Says whether another retry is in the budget, and takes it. */
export interface Budget {
  call(): void;
  /** Whether a retry may be made; it is paid for then. */
  take(): boolean;
  /** `retried`: the attempt that went so was itself a retry. */
  ended(went: Went, retried: boolean): void;
}

export function createBudget(budget: RetryBudget): Budget {
  if (budget.kind === 'share') {
    let earned = budget.reserve;
    return {
      call() {
        earned += budget.share;
      },
      take() {
        if (earned < 1) return false;
        earned -= 1;
        return true;
      },
      ended: () => undefined,
    };
  }
  const { capacity, cost, earns, refunds, least } = budget;
  let tokens = capacity;
  return {
    call: () => undefined,
    take() {
      if (tokens - cost < least) return false;
      tokens -= cost;
      return true;
    },
    ended(went, retried) {
      if (went === 'ok') tokens = Math.min(capacity, tokens + (retried && refunds ? cost : earns));
    },
  };
}

/** Says whether a call may be tried at all. */
export interface BreakerState {
  admits(nowUs: number): boolean;
  ended(nowUs: number, went: Went): void;
}

/** Closed; open after so many failures in a row; half open later, when one attempt may show whether it can close. */
export function createBreaker({ failures, openUs }: Breaker): BreakerState {
  let inARow = 0;
  let closedFromUs = -Infinity;
  let probing = false;
  return {
    admits(nowUs) {
      if (inARow < failures) return true;
      if (nowUs < closedFromUs || probing) return false;
      probing = true;
      return true;
    },
    ended(nowUs, went) {
      probing = false;
      if (went === 'ok') inARow = 0;
      else if (++inARow >= failures) closedFromUs = nowUs + openUs;
    },
  };
}

/** How many attempts may be in flight, by additive increase and multiplicative decrease (`AIMDLimit.java` of Netflix). */
export interface FlightLimit {
  readonly most: number;
  ended(went: Went, inFlight: number): void;
}

export function createFlightLimit({ start, most, increase, decrease }: Aimd): FlightLimit {
  let limit = start;
  return {
    get most() {
      return Math.floor(limit);
    },
    ended(went, inFlight) {
      if (went !== 'ok') limit = Math.max(1, limit * decrease);
      // A limit that is not used is no proof that more would do.
      else if (inFlight * 2 >= limit) limit = Math.min(most, limit + increase);
    },
  };
}
