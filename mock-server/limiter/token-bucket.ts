import { formatExactRate, type Rate } from '../quantity.ts';
import type { Algorithm } from './algorithm.ts';
import { checkInteger, checkRate } from './check-figures.ts';
import { admitted, denied } from './decision.ts';
import { describeRate } from './describe-rate.ts';
import { exactUpTo, gcd, greater, lesser } from './exact.ts';
import type { LimiterFields } from './fields.ts';
import { checkInitial } from './initial.ts';
import type { Decision, Hold, Limiter, Settlement } from './limiter.ts';

/** Continuous refill. `gcra` and `leaky-meter` are equivalent formulations (`limits.md` section 1). */
export interface TokenBucketSpec {
  readonly algorithm: 'token-bucket' | 'gcra' | 'leaky-meter';
  readonly capacity: number;
  readonly refill: Rate;
  /** Level at the start; default `capacity`. */
  readonly initial?: number;
  /** Maximum debt that charges of refused requests and overruns may cause; default `capacity`. */
  readonly maxDebt?: number;
}

export interface TokenBucketState {
  /** In level units, P' per whole unit; negative if in debt. */
  readonly level: number | string;
  readonly atUs: number;
  /** For each charge to settle: the highest level since it was made (H in `limits.md` section 3). */
  readonly open?: Readonly<Record<string, number | string>>;
}

/**
 * Token bucket with continuous refill, exact in integers (`limits.md` section 2). With refill a/P reduced to a'/P', one
 * unit is P' level units and a' of them flow in per microsecond, so that times and costs never give fractions.
 */
function createTokenBucket(spec: TokenBucketSpec): Limiter<TokenBucketState> {
  const { capacity, refill } = spec;
  const maxDebt = spec.maxDebt ?? capacity;
  const divisor = gcd(refill.amount, refill.periodUs);
  const span = BigInt(capacity + maxDebt) * BigInt(refill.periodUs / divisor) + BigInt(refill.amount / divisor);
  const exact = exactUpTo(span);
  const inflow = exact.of(refill.amount / divisor);
  const unit = exact.of(refill.periodUs / divisor);
  const full = exact.of(capacity) * unit;
  const floor = exact.of(-maxDebt) * unit;

  function levelAt({ level, atUs }: TokenBucketState, nowUs: number): number {
    const before = exact.read(level);
    if (nowUs <= atUs) return before;
    // Once the bucket is full, the product does not matter and could overflow.
    const untilFullUs = exact.ceilDiv(full - before, inflow);
    return nowUs - atUs >= untilFullUs ? full : before + inflow * exact.of(nowUs - atUs);
  }

  function check(state: TokenBucketState, nowUs: number, cost: number): Decision {
    const level = levelAt(state, nowUs);
    // Compare in whole units first: multiplying a cost far above capacity could overflow.
    if (cost > capacity) return denied(wholeUnits(level), exact.ceilDiv(full - level, inflow), Infinity);
    const required = exact.of(cost) * unit;
    const missing = required - level;
    if (cost > 0 && missing > 0) {
      return denied(wholeUnits(level), exact.ceilDiv(full - level, inflow), exact.ceilDiv(missing, inflow));
    }
    return admitted(wholeUnits(level - required), exact.ceilDiv(full - level + required, inflow));
  }

  function wholeUnits(level: number): number {
    return level > 0 ? exact.floorDiv(level, unit) : 0;
  }

  /** Returns the state at `nowUs` with a new level. */
  function next(state: TokenBucketState, nowUs: number, level: number, open: Highs | undefined): TokenBucketState {
    const atUs = Math.max(nowUs, state.atUs);
    const stored = exact.keep(greater(level, floor));
    return open && Object.keys(open).length > 0 ? { level: stored, atUs, open } : { level: stored, atUs };
  }

  function charge(state: TokenBucketState, nowUs: number, cost: number, hold?: Hold): TokenBucketState {
    if (cost === 0 && !hold) return state;
    const before = levelAt(state, nowUs);
    const level = before - exact.of(cost) * unit;
    const open = state.open && mapHighs(state.open, (high) => greater(before, high));
    return next(state, nowUs, level, hold ? { ...open, [hold.id]: exact.keep(level) } : open);
  }

  function settle(state: TokenBucketState, nowUs: number, settlement: Settlement): TokenBucketState {
    const { id, charged, actual } = settlement;
    const { [id]: own, ...others } = state.open ?? {};
    const before = levelAt(state, nowUs);
    const raised = mapHighs(others, (high) => greater(before, high));
    const surplus = exact.of(charged - actual) * unit;
    if (surplus < 0) return next(state, nowUs, before + surplus, raised);
    // Without its hold, the refill since the charge is unknown, so nothing is refunded.
    if (own === undefined) return next(state, nowUs, before, raised);
    const refund = lesser(surplus, full - greater(exact.read(own), before));
    // The refund raises the highest level of all other open charges too.
    const open = mapHighs(raised, (other) => lesser(other + refund, full));
    return next(state, nowUs, before + refund, open);
  }

  type Highs = Readonly<Record<string, number | string>>;

  function mapHighs(highs: Highs, change: (high: number) => number): Highs {
    return Object.fromEntries(Object.entries(highs).map(([id, high]) => [id, exact.keep(change(exact.read(high)))]));
  }

  return {
    capacity,
    initial: (nowUs) => ({ level: exact.keep(exact.of(spec.initial ?? capacity) * unit), atUs: nowUs }),
    check,
    charge,
    settle,
    isIdle: (state, nowUs) =>
      (spec.initial ?? capacity) === capacity && state.open === undefined && levelAt(state, nowUs) === full,
  };
}

function settings({ z, amount, rate, initial }: LimiterFields) {
  return {
    algorithm: z
      .enum(['token-bucket', 'gcra', 'leaky-meter'])
      .optional()
      .describe('Token bucket with continuous refill.'),
    refill: rate('Refill rate.'),
    capacity: amount('Size of the bucket; the amount of `refill` when omitted.', 1).optional(),
    burst: amount('Alias of `capacity`.', 1).optional(),
    initial,
    maxDebt: amount(
      'How far below zero refused requests and overruns may push the level; `capacity` when omitted.',
    ).optional(),
  };
}

/** Token bucket with continuous refill. */
export const tokenBucket: Algorithm<TokenBucketSpec, ReturnType<typeof settings>> = {
  settings,
  toSpec: ({ algorithm = 'token-bucket', refill, capacity, burst, initial, maxDebt }) => ({
    algorithm,
    capacity: capacity ?? burst ?? refill.amount,
    refill,
    ...(initial !== undefined && { initial }),
    ...(maxDebt !== undefined && { maxDebt }),
  }),
  toSettings: ({ algorithm, refill, capacity, ...rest }) => ({
    algorithm,
    refill: formatExactRate(refill),
    ...(capacity !== refill.amount && { capacity }),
    ...rest,
  }),
  parseSize: (size) => ({ refill: size }),
  problems: ({ capacity, refill, initial, maxDebt }) => [
    ...checkInteger('capacity', capacity, 1),
    ...checkRate('refill', refill),
    ...checkInitial(initial, capacity),
    ...(maxDebt === undefined ? [] : checkInteger('maxDebt', maxDebt, 0)),
  ],
  create: createTokenBucket,
  amount: ({ capacity }) => capacity,
  sustained: ({ refill }) => refill,
  describe: ({ refill, capacity }, unit) => describeRate(unit, refill, capacity),
  recorded: ['capacity', 'refill'],
  refills: 'continuously',
  restricts: 'rate',
};
