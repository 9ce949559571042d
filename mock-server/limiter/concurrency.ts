import type { ConcurrencySpec } from './algorithm.ts';
import { admitted, denied } from './decision.ts';
import type { Limiter } from './limiter.ts';

export interface ConcurrencyState {
  /** What is open now: its hold, and when it expects to end if that is known. */
  readonly open: readonly { readonly id: number; readonly endsUs: number | null }[];
}

/** What is told where no end is known: the least that a Retry-After in whole seconds can say. */
const UNKNOWN_WAIT_US = 1_000_000;

/**
 * So many at once. A place is given back by settling its hold with an actual cost of 0, never by time alone; the wait of
 * a refusal is when the first open one expects to end, which a real server does not know but a simulated one does. A
 * charge without a hold is over at once.
 */
export function concurrency({ amount }: ConcurrencySpec): Limiter<ConcurrencyState> {
  /** Until `places` of the open ones, one at the least, have ended as they expect. */
  function untilUs(open: ConcurrencyState['open'], places: number, nowUs: number): number {
    const ends = open.map(({ endsUs }) => endsUs ?? Infinity).sort((a, b) => a - b);
    const endUs = ends[places - 1]!;
    return endUs === Infinity ? UNKNOWN_WAIT_US : Math.max(1, endUs - nowUs);
  }

  /** Until all of the open ones have; asked for every request, so nothing is sorted. */
  function allEndUs(open: ConcurrencyState['open'], nowUs: number): number {
    if (open.length === 0) return 0;
    let lastUs = 0;
    for (const { endsUs } of open) lastUs = Math.max(lastUs, endsUs ?? Infinity);
    return lastUs === Infinity ? UNKNOWN_WAIT_US : Math.max(1, lastUs - nowUs);
  }

  return {
    capacity: amount,
    initial: () => ({ open: [] }),
    check({ open }, nowUs, cost) {
      const remaining = Math.max(0, amount - open.length);
      const resetUs = allEndUs(open, nowUs);
      if (cost <= remaining) return admitted(remaining - cost, resetUs);
      return denied(remaining, resetUs, cost > amount ? Infinity : untilUs(open, open.length + cost - amount, nowUs));
    },
    charge({ open }, _nowUs, cost, hold) {
      if (!hold) return { open };
      const place = { id: hold.id, endsUs: hold.endsUs ?? null };
      return { open: [...open, ...Array.from({ length: cost }, () => place)] };
    },
    settle({ open }, _nowUs, { id, actual }) {
      return { open: actual === 0 ? open.filter((place) => place.id !== id) : open };
    },
    isIdle: ({ open }) => open.length === 0,
  };
}
