import type { SlidingWindowSpec } from './algorithm.ts';
import { admitted, denied } from './decision.ts';
import type { Limiter } from './limiter.ts';

export interface SlidingLogState {
  /** Charges of the last window, oldest first: when, how much, and the hold of one that is to be settled. */
  readonly entries: readonly (readonly [atUs: number, cost: number, hold?: number])[];
  readonly seenUs: number;
}

/** Remembers every charge of the last window (t − W, t]: exact, at the price of an entry per charge. */
export function slidingWindowLog(spec: SlidingWindowSpec): Limiter<SlidingLogState> {
  const { amount, windowUs } = spec;

  function at(state: SlidingLogState, nowUs: number): SlidingLogState {
    const seenUs = Math.max(state.seenUs, nowUs);
    const firstLive = state.entries.findIndex(([atUs]) => atUs > seenUs - windowUs);
    if (firstLive === 0) return { entries: state.entries, seenUs };
    return { entries: firstLive < 0 ? [] : state.entries.slice(firstLive), seenUs };
  }

  const usedIn = ({ entries }: SlidingLogState): number => entries.reduce((sum, [, cost]) => sum + cost, 0);

  /** Until all entries have left, a new one at `seenUs` included where one would be made. */
  function resetUs({ entries, seenUs }: SlidingLogState, cost: number): number {
    const lastUs = cost > 0 ? seenUs : entries.at(-1)?.[0];
    return lastUs === undefined ? 0 : lastUs + windowUs - seenUs;
  }

  /** Until enough of the oldest entries have left to make room for `excess` more. */
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
      const now = at(state, nowUs);
      const used = usedIn(now);
      const remaining = Math.max(0, amount - used);
      if (cost === 0) return admitted(remaining, resetUs(now, 0));
      if (used + cost <= amount) return admitted(remaining - cost, resetUs(now, cost));
      return denied(remaining, resetUs(now, 0), cost > amount ? Infinity : waitUs(now, used + cost - amount));
    },
    charge(state, nowUs, cost, hold) {
      if (cost === 0) return state;
      const { entries, seenUs } = at(state, nowUs);
      return { entries: [...entries, hold ? [seenUs, cost, hold.id] : [seenUs, cost]], seenUs };
    },
    /** An entry that has left needs no correction. */
    settle(state, nowUs, { id, actual }) {
      const { entries, seenUs } = at(state, nowUs);
      const corrected = entries.map((entry) => (entry[2] === id ? ([entry[0], actual] as const) : entry));
      return { entries: corrected.filter(([, cost]) => cost > 0), seenUs };
    },
    isIdle: (state, nowUs) => at(state, nowUs).entries.length === 0,
  };
}
