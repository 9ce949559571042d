import { formatExactRate, type Rate } from '../quantity.ts';
import type { Algorithm } from './algorithm.ts';
import { checkInteger, checkRate } from './check-figures.ts';
import { admitted, denied } from './decision.ts';
import { describeRate } from './describe-rate.ts';
import type { LimiterFields } from './fields.ts';
import { checkInitial } from './initial.ts';
import type { Limiter } from './limiter.ts';

/** Refill at ticks: `refill.amount` at every multiple of `refill.periodUs` since `anchorUs` (default 0). */
export interface TickBucketSpec {
  readonly algorithm: 'tick-bucket';
  readonly capacity: number;
  readonly refill: Rate;
  readonly anchorUs?: number;
  /** Level at the start; default `capacity`. */
  readonly initial?: number;
}

export interface TickBucketState {
  readonly level: number;
  /** The latest time so far, up to which `level` is refilled; earlier times are treated as this one. */
  readonly latestUs: number;
}

/** Token bucket that refills at fixed ticks (`limits.md` section 1). */
function createTickBucket(spec: TickBucketSpec): Limiter<TickBucketState> {
  const { capacity, refill, anchorUs = 0, initial = capacity } = spec;
  const tickOf = (nowUs: number): number => Math.floor((nowUs - anchorUs) / refill.periodUs);

  function advance(state: TickBucketState, nowUs: number): TickBucketState {
    const latestUs = Math.max(state.latestUs, nowUs);
    const lumps = tickOf(latestUs) - tickOf(state.latestUs);
    return { latestUs, level: Math.min(capacity, state.level + refill.amount * lumps) };
  }

  /** Microseconds until `missing` units are refilled. */
  function untilUs(missing: number, latestUs: number): number {
    if (missing <= 0) return 0;
    return anchorUs + (tickOf(latestUs) + Math.ceil(missing / refill.amount)) * refill.periodUs - latestUs;
  }

  return {
    capacity,
    initial: (nowUs) => ({ level: initial, latestUs: nowUs }),
    check(state, nowUs, cost) {
      const { level, latestUs } = advance(state, nowUs);
      const remaining = Math.max(0, level);
      const left = level - cost;
      if (cost === 0 || left >= 0) return admitted(Math.max(0, left), untilUs(capacity - left, latestUs));
      const waitUs = cost > capacity ? Infinity : untilUs(-left, latestUs);
      return denied(remaining, untilUs(capacity - level, latestUs), waitUs);
    },
    charge(state, nowUs, cost) {
      if (cost === 0) return state;
      const { level, latestUs } = advance(state, nowUs);
      return { latestUs, level: Math.max(-capacity, level - cost) };
    },
    /** A refund after a tick is dropped, because that tick may have refilled the same units already. */
    settle(state, nowUs, { charged, actual, chargedAtUs }) {
      const { level, latestUs } = advance(state, nowUs);
      const refundable = tickOf(chargedAtUs) === tickOf(latestUs) || actual > charged;
      return {
        latestUs,
        level: refundable ? Math.max(-capacity, Math.min(capacity, level + charged - actual)) : level,
      };
    },
    isIdle: (state, nowUs) => initial === capacity && advance(state, nowUs).level === capacity,
  };
}

function settings({ z, amount, rate, initial }: LimiterFields) {
  return {
    algorithm: z.literal('tick-bucket').describe('Token bucket that refills in steps.'),
    refill: rate('Refill per tick, and the interval between ticks.'),
    capacity: amount('Size of the bucket; the amount of `refill` when omitted.', 1).optional(),
    initial,
  };
}

/** Token bucket that refills in steps. */
export const tickBucket: Algorithm<TickBucketSpec, ReturnType<typeof settings>> = {
  settings,
  toSpec: ({ algorithm, refill, capacity = refill.amount, initial }) => ({
    algorithm,
    capacity,
    refill,
    ...(initial !== undefined && { initial }),
  }),
  toSettings: ({ algorithm, refill, capacity, initial }) => ({
    algorithm,
    refill: formatExactRate(refill),
    capacity,
    ...(initial !== undefined && { initial }),
  }),
  parseSize: (size) => ({ refill: size }),
  problems: ({ capacity, refill, initial }) => [
    ...checkInteger('capacity', capacity, 1),
    ...checkRate('refill', refill),
    ...checkInitial(initial, capacity),
  ],
  create: createTickBucket,
  amount: ({ capacity }) => capacity,
  sustained: ({ refill }) => refill,
  describe: ({ refill, capacity }, unit) => describeRate(unit, refill, capacity),
  recorded: ['capacity', 'refill'],
  refills: 'in-steps',
  restricts: 'rate',
};
