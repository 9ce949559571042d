import type { LeakyBucketSpec } from './algorithm.ts';
import { admitted, denied } from './decision.ts';
import type { Limiter } from './limiter.ts';

export interface LeakyBucketState {
  /** Thousandths of a request above the rate; −1000 for a key that nobody has used or that has drained. */
  readonly excess: number;
  readonly lastMs: number;
}

/** Beyond a minute backwards nginx takes the clock to have been set, and counts one millisecond. */
const CLOCK_SET_MS = -60_000;

/** Milli-requests a second, cut to a whole number as nginx does: `1r/m` is 16, so really one in 62.5 s. */
export function milliRate({ rate }: LeakyBucketSpec): number {
  return Math.floor((rate.amount * 1e9) / rate.periodUs);
}

/**
 * nginx `limit_req`, to the millisecond and the thousandth of a request: whole milliseconds, rate, decay and delay
 * rounded down, refusals change nothing (nginx/nginx `ngx_http_limit_req_module.c`; `limits.md` section 1).
 */
export function leakyBucket(spec: LeakyBucketSpec): Limiter<LeakyBucketState> {
  const rate = milliRate(spec);
  const burst = spec.burst * 1000;
  const msOf = (nowUs: number): number => Math.floor(nowUs / 1000);

  function elapsedMs({ lastMs }: LeakyBucketState, nowMs: number): number {
    const ms = nowMs - lastMs;
    if (ms < CLOCK_SET_MS) return 1;
    return Math.max(0, ms);
  }

  /** Excess without the request at hand, −1000 at the least. */
  function drained(state: LeakyBucketState, nowMs: number): number {
    return Math.max(-1000, state.excess - Math.floor((rate * elapsedMs(state, nowMs)) / 1000));
  }

  /** Until `excess` more has drained than at the last accepted request, from `nowUs`. */
  function untilUs({ lastMs }: LeakyBucketState, excess: number, nowUs: number): number {
    return Math.max(0, (lastMs + Math.ceil((excess * 1000) / rate)) * 1000 - nowUs);
  }

  function delayUs(excess: number): number {
    if (spec.delay === 'nodelay') return 0;
    return Math.max(0, Math.floor(((excess - spec.delay * 1000) * 1000) / rate)) * 1000;
  }

  const remaining = (excess: number): number => Math.max(0, Math.floor((burst - excess) / 1000));

  function charge(state: LeakyBucketState, nowUs: number, cost: number): LeakyBucketState {
    if (cost === 0) return state;
    const nowMs = msOf(nowUs);
    // Charges of refused requests may owe one more burst, as other buckets owe their capacity at the most.
    const excess = Math.min(drained(state, nowMs) + cost * 1000, 2 * burst + 1000);
    return { excess, lastMs: elapsedMs(state, nowMs) > 0 ? nowMs : state.lastMs };
  }

  return {
    capacity: spec.burst + 1,
    initial: (nowUs) => ({ excess: -1000, lastMs: msOf(nowUs) }),
    check(state, nowUs, cost) {
      const now = drained(state, msOf(nowUs));
      const resetUs = untilUs(state, state.excess + 1000, nowUs);
      if (cost === 0) return admitted(remaining(now), resetUs);
      const excess = now + cost * 1000;
      if (excess > burst) {
        const waitUs = cost > spec.burst + 1 ? Infinity : untilUs(state, state.excess + cost * 1000 - burst, nowUs);
        return denied(remaining(now), resetUs, waitUs);
      }
      const next = charge(state, nowUs, cost);
      return admitted(remaining(excess), untilUs(next, excess + 1000, nowUs), delayUs(excess));
    },
    charge,
    /** One request is one unit: there is nothing to correct. */
    settle: (state) => state,
    isIdle: (state, nowUs) => drained(state, msOf(nowUs)) === -1000,
  };
}
