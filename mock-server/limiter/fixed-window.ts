import type { FixedWindowSpec } from './algorithm.ts';
import { admitted, denied } from './decision.ts';
import type { Limiter } from './limiter.ts';

export interface FixedWindowState {
  /** Start of the window that `used` counts; null before the first charge of a window that starts with it. */
  readonly startUs: number | null;
  readonly used: number;
  /** The latest time seen; time that goes back stands still. */
  readonly seenUs: number;
}

/**
 * Counts in windows of one length. `anchor: clock`: windows lie side by side from `offsetUs` on, so up to twice the
 * amount passes around a boundary. `first-request`: a window opens with the first charge after the last one ended.
 */
export function fixedWindow(spec: FixedWindowSpec): Limiter<FixedWindowState> {
  const { amount, windowUs, anchor, offsetUs = 0 } = spec;
  const alignedStart = (nowUs: number): number => offsetUs + Math.floor((nowUs - offsetUs) / windowUs) * windowUs;

  /** The state as it stands at `nowUs`: a window that is over counts nothing. */
  function at(state: FixedWindowState, nowUs: number): FixedWindowState {
    const seenUs = Math.max(state.seenUs, nowUs);
    if (state.startUs !== null && seenUs < state.startUs + windowUs) return { ...state, seenUs };
    return { startUs: anchor === 'clock' ? alignedStart(seenUs) : null, used: 0, seenUs };
  }

  /** Until the window that is open, or that `cost` would open, is over. */
  function resetUs({ startUs, seenUs }: FixedWindowState, cost: number): number {
    if (startUs !== null) return startUs + windowUs - seenUs;
    return cost > 0 ? windowUs : 0;
  }

  return {
    capacity: amount,
    initial: (nowUs) => at({ startUs: null, used: 0, seenUs: nowUs }, nowUs),
    check(state, nowUs, cost) {
      const now = at(state, nowUs);
      const remaining = Math.max(0, amount - now.used);
      if (cost === 0) return admitted(remaining, resetUs(now, 0));
      if (now.used + cost <= amount) return admitted(remaining - cost, resetUs(now, cost));
      return denied(remaining, resetUs(now, 0), cost > amount ? Infinity : resetUs(now, 0));
    },
    charge(state, nowUs, cost) {
      if (cost === 0) return state;
      const now = at(state, nowUs);
      return { ...now, startUs: now.startUs ?? now.seenUs, used: now.used + cost };
    },
    /** What was charged in a window that is over has gone with it. */
    settle(state, nowUs, { chargedAtUs, charged, actual }) {
      const now = at(state, nowUs);
      const stillOpen = now.startUs !== null && chargedAtUs >= now.startUs;
      return stillOpen ? { ...now, used: now.used + actual - charged } : now;
    },
    isIdle: (state, nowUs) => at(state, nowUs).used === 0,
  };
}
