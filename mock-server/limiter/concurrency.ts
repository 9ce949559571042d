import type { Algorithm } from './algorithm.ts';
import { checkInteger } from './check-figures.ts';
import { admitted, denied } from './decision.ts';
import type { LimiterFields } from './fields.ts';
import type { Limiter } from './limiter.ts';

export interface ConcurrencySpec {
  readonly algorithm: 'concurrency';
  readonly amount: number;
}

export interface ConcurrencyState {
  /** The open holds, with their expected end if known. */
  readonly open: readonly { readonly id: number; readonly endsUs: number | null }[];
}

/** Requested wait if no end is known: the smallest Retry-After in whole seconds. */
const UNKNOWN_WAIT_US = 1_000_000;

/**
 * Limits concurrent requests. A place is released by settling its hold with an actual cost of 0, never by time alone. The wait
 * of a refusal is the time until enough holds are expected to end, which only a simulated server knows. A charge without a
 * hold is released at once.
 */
function createConcurrency({ amount }: ConcurrencySpec): Limiter<ConcurrencyState> {
  /** Time until `places` (at least 1) open holds are expected to end. */
  function untilUs(open: ConcurrencyState['open'], places: number, nowUs: number): number {
    const ends = open.map(({ endsUs }) => endsUs ?? Infinity).sort((a, b) => a - b);
    const endUs = ends[places - 1]!;
    return endUs === Infinity ? UNKNOWN_WAIT_US : Math.max(1, endUs - nowUs);
  }

  /** Time until all open holds are expected to end. Runs for every request, so it does not sort. */
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

function settings({ z, amount }: LimiterFields) {
  return {
    algorithm: z.literal('concurrency').describe('Limits the requests open at once.'),
    amount: amount('Maximum of open requests; 0 admits nothing.'),
  };
}

/** Limits the requests open at once. */
export const concurrency: Algorithm<ConcurrencySpec, ReturnType<typeof settings>> = {
  settings,
  toSpec: ({ algorithm, amount }) => ({ algorithm, amount }),
  toSettings: (spec) => ({ ...spec }),
  parseSize: (size) => ({ amount: size }),
  problems: ({ amount }) => checkInteger('amount', amount, 0),
  create: createConcurrency,
  amount: ({ amount }) => amount,
  sustained: () => null,
  describe: ({ amount }) => `${amount} at once`,
  recorded: ['amount'],
  refills: 'on-release',
  restricts: 'concurrency',
};
