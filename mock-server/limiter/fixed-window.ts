import { formatExactDuration } from '../duration.ts';
import type { Algorithm } from './algorithm.ts';
import { admitted, denied } from './decision.ts';
import type { LimiterFields } from './fields.ts';
import { usedAtStart } from './initial.ts';
import type { Limiter } from './limiter.ts';
import { perWindow, toWindowSettings } from './window.ts';

/** `anchor: clock` starts windows at multiples of `windowUs` after `offsetUs`; `first-request` at the first charge. */
export interface FixedWindowSpec {
  readonly algorithm: 'fixed-window';
  readonly amount: number;
  readonly windowUs: number;
  readonly anchor: 'clock' | 'first-request';
  readonly offsetUs?: number;
  readonly initial?: number;
}

export interface FixedWindowState {
  /** Start of the window that `used` counts; null before the first charge with `anchor: first-request`. */
  readonly startUs: number | null;
  readonly used: number;
  /** The latest time so far; earlier times are treated as this one. */
  readonly latestUs: number;
}

/**
 * Counts in windows of fixed length. With `anchor: clock`, windows are adjacent from `offsetUs` on, so up to twice the amount
 * can pass around a boundary. With `first-request`, a window opens at the first charge after the last window ended.
 */
function createFixedWindow(spec: FixedWindowSpec): Limiter<FixedWindowState> {
  const { amount, windowUs, anchor, offsetUs = 0 } = spec;
  const usedFirst = usedAtStart(spec.initial, amount);
  const alignedStart = (nowUs: number): number => offsetUs + Math.floor((nowUs - offsetUs) / windowUs) * windowUs;

  /** Advances the state to `nowUs`; a past window is cleared. */
  function advance(state: FixedWindowState, nowUs: number): FixedWindowState {
    const latestUs = Math.max(state.latestUs, nowUs);
    if (state.startUs !== null && latestUs < state.startUs + windowUs) return { ...state, latestUs };
    return { startUs: anchor === 'clock' ? alignedStart(latestUs) : null, used: 0, latestUs };
  }

  /** Time until the end of the open window, or of the window that `cost` would open. */
  function resetUs({ startUs, latestUs }: FixedWindowState, cost: number): number {
    if (startUs !== null) return startUs + windowUs - latestUs;
    return cost > 0 ? windowUs : 0;
  }

  return {
    capacity: amount,
    initial(nowUs) {
      const now = advance({ startUs: null, used: 0, latestUs: nowUs }, nowUs);
      return usedFirst === 0 ? now : { ...now, startUs: now.startUs ?? nowUs, used: usedFirst };
    },
    check(state, nowUs, cost) {
      const now = advance(state, nowUs);
      const remaining = Math.max(0, amount - now.used);
      if (cost === 0) return admitted(remaining, resetUs(now, 0));
      if (now.used + cost <= amount) return admitted(remaining - cost, resetUs(now, cost));
      return denied(remaining, resetUs(now, 0), cost > amount ? Infinity : resetUs(now, 0));
    },
    charge(state, nowUs, cost) {
      if (cost === 0) return state;
      const now = advance(state, nowUs);
      return { ...now, startUs: now.startUs ?? now.latestUs, used: now.used + cost };
    },
    /** Charges of a past window need no settlement. */
    settle(state, nowUs, { chargedAtUs, charged, actual }) {
      const now = advance(state, nowUs);
      const stillOpen = now.startUs !== null && chargedAtUs >= now.startUs;
      return stillOpen ? { ...now, used: now.used + actual - charged } : now;
    },
    isIdle: (state, nowUs) => usedFirst === 0 && advance(state, nowUs).used === 0,
  };
}

function settings({ z, duration, window, initial }: LimiterFields) {
  return {
    algorithm: z.literal('fixed-window').describe('Counts per fixed window.'),
    ...window,
    anchor: z
      .enum(['clock', 'first-request'])
      .default('clock')
      .describe('Whether windows align to the clock or open with the first request.'),
    offset: duration('Shift of clock-aligned windows.').prefault('0s'),
    initial,
  };
}

/** Counts per fixed window. */
export const fixedWindow: Algorithm<FixedWindowSpec, ReturnType<typeof settings>> = {
  ...perWindow,
  settings,
  toSpec: ({ algorithm, amount, window, anchor, offset, initial }) => ({
    algorithm,
    amount,
    windowUs: window,
    anchor,
    offsetUs: offset,
    ...(initial !== undefined && { initial }),
  }),
  toSettings: ({ algorithm, anchor, offsetUs, ...window }) => ({
    algorithm,
    ...toWindowSettings(window),
    anchor,
    ...(offsetUs && { offset: formatExactDuration(offsetUs) }),
  }),
  create: createFixedWindow,
  refills: 'at-reset',
};
