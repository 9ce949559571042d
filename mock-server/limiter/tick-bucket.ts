import type { TickBucketSpec } from './algorithm.ts';
import { admitted, denied } from './decision.ts';
import type { Limiter } from './limiter.ts';

export interface TickBucketState {
  readonly level: number;
  /** The last tick whose refill is in `level`. */
  readonly tick: number;
}

/** Token bucket that refills in lumps, at ticks that stand still in time (`limits.md` section 1). */
export function tickBucket(spec: TickBucketSpec): Limiter<TickBucketState> {
  const { capacity, refill, anchorUs = 0 } = spec;
  const tickOf = (nowUs: number): number => Math.floor((nowUs - anchorUs) / refill.periodUs);

  function at(state: TickBucketState, nowUs: number): TickBucketState {
    const tick = Math.max(state.tick, tickOf(nowUs));
    return { tick, level: Math.min(capacity, state.level + refill.amount * (tick - state.tick)) };
  }

  /** Microseconds until `missing` more units have come in. */
  function untilUs(missing: number, tick: number, nowUs: number): number {
    if (missing <= 0) return 0;
    return anchorUs + (tick + Math.ceil(missing / refill.amount)) * refill.periodUs - nowUs;
  }

  return {
    capacity,
    initial: (nowUs) => ({ level: capacity, tick: tickOf(nowUs) }),
    check(state, nowUs, cost) {
      const { level, tick } = at(state, nowUs);
      const remaining = Math.max(0, level);
      const left = level - cost;
      if (cost === 0 || left >= 0) return admitted(Math.max(0, left), untilUs(capacity - left, tick, nowUs));
      const waitUs = cost > capacity ? Infinity : untilUs(-left, tick, nowUs);
      return denied(remaining, untilUs(capacity - level, tick, nowUs), waitUs);
    },
    charge(state, nowUs, cost) {
      const { level, tick } = at(state, nowUs);
      return { tick, level: Math.max(-capacity, level - cost) };
    },
    /** A refund cannot be told from refill that came meanwhile, so it only fills up to what a tick may have cut off. */
    settle(state, nowUs, { charged, actual, chargedAtUs }) {
      const { level, tick } = at(state, nowUs);
      const refundable = tickOf(chargedAtUs) === tick || actual > charged;
      return { tick, level: refundable ? Math.max(-capacity, Math.min(capacity, level + charged - actual)) : level };
    },
    isIdle: (state, nowUs) => at(state, nowUs).level === capacity,
  };
}
