import type { TokenBucketSpec } from './algorithm.ts';
import { admitted, denied } from './decision.ts';
import { exactUpTo, gcd, greater, lesser } from './exact.ts';
import type { Decision, Hold, Limiter, Settlement } from './limiter.ts';

export interface TokenBucketState {
  /** In level units, of which one whole unit has P'; below zero when more was charged than was there. */
  readonly level: number | string;
  readonly atUs: number;
  /** For each charge that is to be settled: the highest level since it was made (H of `limits.md` section 3). */
  readonly open?: Readonly<Record<string, number | string>>;
}

/**
 * Token bucket with continuous refill, exact in integers (`limits.md` section 2). With refill a/P reduced to a'/P', one
 * unit is P' level units and a' of them flow in per microsecond, so that no time and no cost ever makes a fraction.
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
    // Past the moment of fullness the product could overflow and does not matter.
    const untilFullUs = exact.ceilDiv(full - before, inflow);
    return nowUs - atUs >= untilFullUs ? full : before + inflow * exact.of(nowUs - atUs);
  }

  function check(state: TokenBucketState, nowUs: number, cost: number): Decision {
    const level = levelAt(state, nowUs);
    // Compared in units first: a cost far above capacity must not be multiplied.
    if (cost > capacity) return denied(wholeUnits(level), exact.ceilDiv(full - level, inflow), Infinity);
    const wanted = exact.of(cost) * unit;
    const missing = wanted - level;
    if (cost > 0 && missing > 0) {
      return denied(wholeUnits(level), exact.ceilDiv(full - level, inflow), exact.ceilDiv(missing, inflow));
    }
    return admitted(wholeUnits(level - wanted), exact.ceilDiv(full - level + wanted, inflow));
  }

  function wholeUnits(level: number): number {
    return level > 0 ? exact.floorDiv(level, unit) : 0;
  }

  /** The state at `nowUs` with a new level; open charges remember `highest`, the level before, if it is a new high. */
  function next(state: TokenBucketState, nowUs: number, level: number, open: Highs | undefined): TokenBucketState {
    const atUs = Math.max(nowUs, state.atUs);
    const kept = exact.keep(greater(level, floor));
    return open && Object.keys(open).length > 0 ? { level: kept, atUs, open } : { level: kept, atUs };
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
    // Without its hold nobody knows how much of it has flowed in again.
    if (own === undefined) return next(state, nowUs, before, raised);
    const refund = lesser(surplus, full - greater(exact.read(own), before));
    // Whoever is still open has seen the refunded units too.
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
