import { admitted, denied } from './decision.ts';
import { exactUpTo } from './exact.ts';
import { usedAtStart } from './initial.ts';
import type { Limiter } from './limiter.ts';
import { type SlidingWindow, type SlidingWindowSpec, slidingWindow } from './sliding-window.ts';

export interface SlidingCounterState {
  /** Number of the clock-aligned window that `current` counts. */
  readonly window: number;
  readonly previous: number;
  readonly current: number;
  readonly latestUs: number;
}

/**
 * Two counters and a weight: the previous window is weighted by its overlap with the last W microseconds,
 * previous × (W − e) / W + current (`limits.md` section 1). An adversarial pattern of requests passes almost twice the limit.
 */
function createSlidingWindowCounter(spec: SlidingWindowSpec): Limiter<SlidingCounterState> {
  const { amount, windowUs } = spec;
  const usedFirst = usedAtStart(spec.initial, amount);
  // Charged refusals can raise counts above the amount; twice the amount leaves room for them.
  const exact = exactUpTo(2n * BigInt(amount) * BigInt(windowUs));
  const span = exact.of(windowUs);

  function advance(state: SlidingCounterState, nowUs: number): SlidingCounterState {
    const latestUs = Math.max(state.latestUs, nowUs);
    const window = Math.floor(latestUs / windowUs);
    if (window === state.window) return { ...state, latestUs };
    return { window, previous: window === state.window + 1 ? state.current : 0, current: 0, latestUs };
  }

  /** The weighted count times W, which keeps it an integer: previous × (W − e) + current × W. */
  function weighted({ previous, current, latestUs }: SlidingCounterState): number {
    return exact.of(previous) * exact.of(windowUs - (latestUs % windowUs)) + exact.of(current) * span;
  }

  /**
   * Time from the start of the window after `previous` until the weight of `previous` leaves room for `cost`, with `current`
   * already counted.
   */
  function roomAtUs(previous: number, current: number, cost: number): number {
    const room = exact.of(amount - current - cost) * span;
    // previous × (W − e) ≤ room  ⇔  e ≥ W − room / previous
    return Math.max(0, windowUs - exact.floorDiv(room, exact.of(previous)));
  }

  /** Time until `cost` passes: in this window, where only the weight falls, or in the next, where `current` is weighted too. */
  function waitUs(now: SlidingCounterState, cost: number): number {
    if (cost > amount) return Infinity;
    const elapsedUs = now.latestUs % windowUs;
    if (now.current + cost <= amount) return roomAtUs(now.previous, now.current, cost) - elapsedUs;
    return windowUs - elapsedUs + roomAtUs(now.current, 0, cost);
  }

  /** Time until no count has weight: the end of the window that follows the last window with a charge. */
  function resetUs({ previous, current, latestUs }: SlidingCounterState, cost: number): number {
    const elapsedUs = latestUs % windowUs;
    if (current + cost > 0) return 2 * windowUs - elapsedUs;
    return previous > 0 ? windowUs - elapsedUs : 0;
  }

  return {
    capacity: amount,
    initial: (nowUs) => ({
      window: Math.floor(nowUs / windowUs),
      previous: 0,
      current: usedFirst,
      latestUs: nowUs,
    }),
    check(state, nowUs, cost) {
      const now = advance(state, nowUs);
      const free = exact.of(amount) * span - weighted(now);
      const left = free - exact.of(cost) * span;
      const whole = (level: number): number => (level > 0 ? exact.floorDiv(level, span) : 0);
      if (cost === 0 || left >= 0) return admitted(whole(left), resetUs(now, cost));
      return denied(whole(free), resetUs(now, 0), waitUs(now, cost));
    },
    charge(state, nowUs, cost) {
      if (cost === 0) return state;
      const now = advance(state, nowUs);
      return { ...now, current: now.current + cost };
    },
    settle(state, nowUs, { chargedAtUs, charged, actual }) {
      const now = advance(state, nowUs);
      const age = now.window - Math.floor(chargedAtUs / windowUs);
      const difference = actual - charged;
      if (age === 0) return { ...now, current: now.current + difference };
      return age === 1 ? { ...now, previous: now.previous + difference } : now;
    },
    isIdle(state, nowUs) {
      const { previous, current } = advance(state, nowUs);
      return usedFirst === 0 && previous + current === 0;
    },
  };
}

/** Counts over a sliding window by two counters. */
export const slidingWindowCounter: SlidingWindow = {
  ...slidingWindow,
  create: createSlidingWindowCounter,
  refills: 'by-weight',
};
