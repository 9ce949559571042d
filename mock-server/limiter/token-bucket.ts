import type { TokenBucketSpec } from './algorithm.ts';
import { admitted, denied } from './decision.ts';
import { exactUpTo, gcd, greater, lesser } from './exact.ts';
import type { Decision, Hold, Limiter, Settlement } from './limiter.ts';

export interface TokenBucketState {
  /** In level units, P' per whole unit; negative if in debt. */
  readonly level: number | string;
  readonly atUs: number;
  /** For each charge to settle: the highest level since it was made (H in `limits.md` section 3). */
  readonly open?: Readonly<Record<string, number | string>>;
}

/**
 * Token bucket with continuous refill, exact in integers (`limits.md` section 2). With refill a/P reduced to a'/P', one
 * unit is P' level units and a' of them flow in per microsecond, so that no time or cost gives a fraction.
 */
export function tokenBucket(spec: TokenBucketSpec): Limiter<TokenBucketState> {
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
