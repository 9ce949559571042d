import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLimiter } from '../../../mock-server/limiter/create-limiter.ts';
import type { RampSpec } from '../../../mock-server/limiter/ramp.ts';

const S = 1_000_000;

/** Sends single requests at these times in milliseconds. Returns how many each second admitted, and the last wait. */
function send(spec: RampSpec, timesMs: readonly number[]) {
  const limiter = createLimiter(spec);
  let state = limiter.initial(0);
  let waitUs = 0;
  const admitted: number[] = [];
  for (const ms of timesMs) {
    const decision = limiter.check(state, ms * 1000, 1);
    const second = Math.floor(ms / 1000);
    admitted[second] = (admitted[second] ?? 0) + Number(decision.admit);
    if (decision.admit) state = limiter.charge(state, ms * 1000, 1);
    else waitUs = decision.retryAfterUs;
  }
  return { limiter, state, admitted: Array.from(admitted, (count) => count ?? 0), waitUs };
}

const rampOf = (more: Partial<RampSpec> = {}): RampSpec => ({
  algorithm: 'ramp',
  floor: 10,
  growthPercent: 50,
  windowUs: S,
  ...more,
});

/** `count` requests at the start of each second. */
const eachSecond = (...counts: number[]) =>
  counts.flatMap((count, second) => Array.from({ length: count }, () => second * 1000));

describe('ramp', () => {
  it('admits half as much again as the second before, rounded down', () => {
    expect(send(rampOf(), eachSecond(99, 99, 99, 99, 99)).admitted).toEqual([10, 15, 22, 33, 49]);
  });

  it('compares with what was used, not with what was allowed', () => {
    expect(send(rampOf(), eachSecond(99, 99, 12, 99)).admitted).toEqual([10, 15, 12, 18]);
  });

  it('is back at the floor after an idle second', () => {
    expect(send(rampOf(), eachSecond(99, 99, 99, 0, 99)).admitted).toEqual([10, 15, 22, 0, 10]);
  });

  it('never grows without growth', () => {
    expect(send(rampOf({ growthPercent: 0 }), eachSecond(99, 99, 99)).admitted).toEqual([10, 10, 10]);
  });

  it('tells the wait to the end of the second', () => {
    expect(send(rampOf(), [...eachSecond(10), 400]).waitUs).toBe(600_000);
  });

  it('begins used up', () => {
    expect(send(rampOf({ initial: 0 }), eachSecond(99, 99, 99)).admitted).toEqual([0, 15, 22]);
  });

  it('a cost that only growth would admit passes in the next second, or never', () => {
    const { limiter, state } = send(rampOf(), eachSecond(10));
    expect(limiter.check(state, 0, 15)).toMatchObject({ admit: false, retryAfterUs: S });
    expect(limiter.check(state, S, 15).admit).toBe(true);
    expect(limiter.check(state, 2 * S, 15)).toMatchObject({ admit: false, retryAfterUs: Infinity });
    expect(limiter.check(state, 0, 16)).toMatchObject({ admit: false, retryAfterUs: Infinity });
  });

  it('says what its window admits', () => {
    const { limiter, state } = send(rampOf(), eachSecond(99, 99));
    expect([0, S, 2 * S, 3 * S].map((us) => limiter.amountAt?.(state, us))).toEqual([15, 15, 22, 10]);
  });

  it('stays exact, and in range, for large numbers', () => {
    const spec = rampOf({ floor: 9e15, growthPercent: 100_000 });
    const limiter = createLimiter(spec);
    const used = limiter.charge(limiter.initial(0), 0, 8_999_999_999_999_999);
    expect(limiter.amountAt?.(used, S)).toBe(Number.MAX_SAFE_INTEGER);
    const exact = createLimiter(rampOf({ floor: 1, growthPercent: 33 }));
    const state = exact.charge(exact.initial(0), 0, 4_000_000_000_000_007);
    expect(exact.amountAt?.(state, S)).toBe(Number((4_000_000_000_000_007n * 133n) / 100n));
  });

  it('no second admits more than its growth allows, whatever is sent', () => {
    let denied = 0;
    const times = fc.array(fc.nat(6000), { minLength: 20, maxLength: 120 }).map((list) => list.sort((a, b) => a - b));
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 9 }), fc.nat(200), (timesMs, floor, growthPercent) => {
        const { admitted } = send(rampOf({ floor, growthPercent }), timesMs);
        for (const [second, count] of admitted.entries()) {
          const before = BigInt(admitted[second - 1] ?? 0);
          const grown = Number((before * BigInt(100 + growthPercent)) / 100n);
          expect(count).toBeLessThanOrEqual(Math.max(floor, grown));
        }
        denied += timesMs.length - admitted.reduce((sum, count) => sum + count, 0);
      }),
    );
    expect(denied).toBeGreaterThan(0);
  });
});
