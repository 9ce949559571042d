import { admitted, denied } from './decision.ts';
import { usedAtStart } from './initial.ts';
import type { Limiter } from './limiter.ts';
import { type SlidingWindow, type SlidingWindowSpec, slidingWindow } from './sliding-window.ts';

export interface SlidingLogState {
  /** Charges of the last window, oldest first: time, cost, and the hold id of a charge to settle. */
  readonly entries: readonly (readonly [atUs: number, cost: number, hold?: number])[];
  readonly latestUs: number;
}

/** Logs every charge of the last window (t − W, t]: exact, but with an entry per charge. */
function createSlidingWindowLog(spec: SlidingWindowSpec): Limiter<SlidingLogState> {
  const { amount, windowUs } = spec;
  const usedFirst = usedAtStart(spec.initial, amount);

  function advance(state: SlidingLogState, nowUs: number): SlidingLogState {
    const latestUs = Math.max(state.latestUs, nowUs);
    const firstLive = state.entries.findIndex(([atUs]) => atUs > latestUs - windowUs);
    if (firstLive === 0) return { entries: state.entries, latestUs };
    return { entries: firstLive < 0 ? [] : state.entries.slice(firstLive), latestUs };
  }

  const usedIn = ({ entries }: SlidingLogState): number => entries.reduce((sum, [, cost]) => sum + cost, 0);

  /** Time until all entries have expired, including the new entry at `latestUs` if `cost` > 0. */
  function resetUs({ entries, latestUs }: SlidingLogState, cost: number): number {
    const lastUs = cost > 0 ? latestUs : entries.at(-1)?.[0];
    return lastUs === undefined ? 0 : lastUs + windowUs - latestUs;
  }

  /** Time until enough of the oldest entries have expired to free `excess` units. */
  function waitUs({ entries, latestUs }: SlidingLogState, excess: number): number {
    let freed = 0;
    for (const [atUs, cost] of entries) {
      freed += cost;
      if (freed >= excess) return atUs + windowUs - latestUs;
    }
    return Infinity;
  }

  return {
    capacity: amount,
    initial: (nowUs) => ({ entries: usedFirst === 0 ? [] : [[nowUs, usedFirst]], latestUs: nowUs }),
    check(state, nowUs, cost) {
      const now = advance(state, nowUs);
      const used = usedIn(now);
      const remaining = Math.max(0, amount - used);
      if (cost === 0) return admitted(remaining, resetUs(now, 0));
      if (used + cost <= amount) return admitted(remaining - cost, resetUs(now, cost));
      return denied(remaining, resetUs(now, 0), cost > amount ? Infinity : waitUs(now, used + cost - amount));
    },
    charge(state, nowUs, cost, hold) {
      if (cost === 0) return state;
      const { entries, latestUs } = advance(state, nowUs);
      return { entries: [...entries, hold ? [latestUs, cost, hold.id] : [latestUs, cost]], latestUs };
    },
    /** An expired entry needs no settlement. */
    settle(state, nowUs, { id, actual }) {
      const { entries, latestUs } = advance(state, nowUs);
      const corrected = entries.map((entry) => (entry[2] === id ? ([entry[0], actual] as const) : entry));
      return { entries: corrected.filter(([, cost]) => cost > 0), latestUs };
    },
    isIdle: (state, nowUs) => usedFirst === 0 && advance(state, nowUs).entries.length === 0,
  };
}

/** Counts exactly over a sliding window. */
export const slidingWindowLog: SlidingWindow = {
  ...slidingWindow,
  create: createSlidingWindowLog,
  refills: 'by-expiry',
};
