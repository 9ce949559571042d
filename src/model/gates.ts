import type { Aimd, Breaker, Pace, RetryBudget } from '../retry/client-model.ts';

/** The result of an attempt, as far as client-side gates distinguish it. */
export type AttemptResult = 'ok' | 'refused' | 'failed';

/** Limits the rate of attempts on the client side. */
export interface Pacer {
  /** Reserves the next slot and returns the wait until it; 0 for none. */
  waitUs(nowUs: number): number;
  ended(nowUs: number, result: AttemptResult): void;
}

/** A token bucket with a queue: slots are assigned in the order of requests. */
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

/** A retry budget: decides whether another retry is allowed. */
export interface Budget {
  call(): void;
  /** Takes a retry from the budget. Returns false if the budget does not allow it. */
  take(): boolean;
  /** `retried`: the attempt was itself a retry. */
  ended(result: AttemptResult, retried: boolean): void;
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
    ended(result, retried) {
      if (result === 'ok') tokens = Math.min(capacity, tokens + (retried && refunds ? cost : earns));
    },
  };
}

/** A circuit breaker: decides whether a call may make an attempt. */
export interface BreakerState {
  admits(nowUs: number): boolean;
  ended(nowUs: number, result: AttemptResult): void;
}

/** Opens after `failures` consecutive failures; half open `openUs` later, when one attempt probes whether it can close. */
export function createBreaker({ failures, openUs }: Breaker): BreakerState {
  let consecutive = 0;
  let halfOpenFromUs = -Infinity;
  let probing = false;
  return {
    admits(nowUs) {
      if (consecutive < failures) return true;
      if (nowUs < halfOpenFromUs || probing) return false;
      probing = true;
      return true;
    },
    ended(nowUs, result) {
      probing = false;
      if (result === 'ok') consecutive = 0;
      else if (++consecutive >= failures) halfOpenFromUs = nowUs + openUs;
    },
  };
}

/** The maximum attempts in flight, by additive increase and multiplicative decrease (Netflix `AIMDLimit.java`). */
export interface InFlightLimit {
  readonly current: number;
  ended(result: AttemptResult, inFlight: number): void;
}

export function createInFlightLimit({ start, most, increase, decrease }: Aimd): InFlightLimit {
  let limit = start;
  return {
    get current() {
      return Math.floor(limit);
    },
    ended(result, inFlight) {
      if (result !== 'ok') limit = Math.max(1, limit * decrease);
      // A success below half the limit does not show that a higher limit would work.
      else if (inFlight * 2 >= limit) limit = Math.min(most, limit + increase);
    },
  };
}
