import { admitted, denied } from './decision.ts';
import type { Limiter } from './limiter.ts';
import { type SlidingWindow, type SlidingWindowSpec, slidingWindow } from './sliding-window.ts';

export interface SlidingLogState {
  /** Charges of the last window, oldest first: time, cost, and the hold id of a charge to settle. */
  readonly entries: readonly (readonly [atUs: number, cost: number, hold?: number])[];
  readonly seenUs: number;
}

/** Logs every charge of the last window (t − W, t]: exact, but with an entry per charge. */
function createSlidingWindowLog(spec: SlidingWindowSpec): Limiter<SlidingLogState> {
  const { amount, windowUs } = spec;

  function advance(state: SlidingLogState, nowUs: number): SlidingLogState {
    const seenUs = Math.max(state.seenUs, nowUs);
    const firstLive = state.entries.findIndex(([atUs]) => atUs > seenUs - windowUs);
    if (firstLive === 0) return { entries: state.entries, seenUs };
    return { entries: firstLive < 0 ? [] : state.entries.slice(firstLive), seenUs };
  }

  const usedIn = ({ entries }: SlidingLogState): number => entries.reduce((sum, [, cost]) => sum + cost, 0);

  /** Time until all entries have expired, including the new entry at `seenUs` if `cost` > 0. */
  function resetUs({ entries, seenUs }: SlidingLogState, cost: number): number {
    const lastUs = cost > 0 ? seenUs : entries.at(-1)?.[0];
    return lastUs === undefined ? 0 : lastUs + windowUs - seenUs;
  }

  /** Time until enough of the oldest entries have expired to free `excess` units. */
  function waitUs({ entries, seenUs }: SlidingLogState, excess: number): number {
    let freed = 0;
    for (const [atUs, cost] of entries) {
      freed += cost;
      if (freed >= excess) return atUs + windowUs - seenUs;
    }
    return Infinity;
  }

  return {
    capacity: amount,
    initial: (nowUs) => ({ entries: [], seenUs: nowUs }),
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
      const { entries, seenUs } = advance(state, nowUs);
      return { entries: [...entries, hold ? [seenUs, cost, hold.id] : [seenUs, cost]], seenUs };
    },
    /** An expired entry needs no settlement. */
    settle(state, nowUs, { id, actual }) {
      const { entries, seenUs } = advance(state, nowUs);
      const corrected = entries.map((entry) => (entry[2] === id ? ([entry[0], actual] as const) : entry));
      return { entries: corrected.filter(([, cost]) => cost > 0), seenUs };
    },
    isIdle: (state, nowUs) => advance(state, nowUs).entries.length === 0,
  };
}

/** Counts exactly over a sliding window. */
export const slidingWindowLog: SlidingWindow = {
  ...slidingWindow,
  create: createSlidingWindowLog,
  refills: 'by-expiry',
};
