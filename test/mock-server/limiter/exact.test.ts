import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlgorithmSpec } from '../../../mock-server/limiter/algorithms.ts';
import { createLimiter } from '../../../mock-server/limiter/create-limiter.ts';
import { exactUpTo, gcd } from '../../../mock-server/limiter/exact.ts';

const S = 1_000_000;
const DAY = 86_400 * S;

describe.each([
  ['below 2^53', 2n ** 53n - 1n, 'number'],
  ['from 2^53 on', 2n ** 53n, 'string'],
])('exact arithmetic %s', (_name, largest, kept) => {
  it('stores a level in a form that survives JSON', () => {
    const exact = exactUpTo(largest);
    const level = exact.keep(exact.of(7));
    expect(typeof level).toBe(kept);
    expect(exact.read(JSON.parse(JSON.stringify(level)))).toBe(exact.of(7));
  });

  it.each([
    [7, 2, 3, 4],
    [6, 2, 3, 3],
    [1, 3, 0, 1],
    [0, 3, 0, 0],
    [-1, 3, -1, 0],
    [-6, 2, -3, -3],
    [-7, 2, -4, -3],
  ])('%d / %d is %d rounded down and %d rounded up', (dividend, divisor, down, up) => {
    const exact = exactUpTo(largest);
    expect(exact.floorDiv(exact.of(dividend), exact.of(divisor))).toBe(down);
    expect(exact.ceilDiv(exact.of(dividend), exact.of(divisor)) + 0).toBe(up);
  });
});

it('gcd reduces a fraction completely', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 1e6 }), (a, b) => {
      const divisor = gcd(a, b);
      expect([a % divisor, b % divisor]).toEqual([0, 0]);
      expect(gcd(a / divisor, b / divisor)).toBe(1);
    }),
  );
  expect(gcd(86_400 * S, 60 * S)).toBe(60 * S);
});

describe('large quotas are exact', () => {
  it.each<[string, AlgorithmSpec]>([
    ['debt up to capacity', { algorithm: 'token-bucket', capacity: 1e9 + 7, refill: { amount: 1, periodUs: DAY } }],
    ['no debt', { algorithm: 'token-bucket', capacity: 1e9 + 7, refill: { amount: 1, periodUs: DAY }, maxDebt: 0 }],
  ])('one token per day into a full bucket of a billion, %s: exact to the microsecond', (_name, spec) => {
    const limiter = createLimiter(spec);
    const used = limiter.charge(limiter.initial(0), 0, 1);
    for (const nowUs of [0, 1, 2, 12_345, DAY - 1]) {
      expect(limiter.check(used, nowUs, limiter.capacity)).toMatchObject({ admit: false, retryAfterUs: DAY - nowUs });
      expect(limiter.check(used, nowUs, 0)).toMatchObject({ remaining: 1e9 + 6, resetUs: DAY - nowUs });
    }
    expect(limiter.check(used, DAY, limiter.capacity)).toMatchObject({ admit: true, remaining: 0 });
  });

  it('about a billion per month by sliding counter: the wait is exact, although weights have 22 digits', () => {
    const windowUs = 30 * DAY;
    for (let more = -20; more <= 20; more++) {
      const amount = 1e9 + more;
      const limiter = createLimiter({ algorithm: 'sliding-window-counter', amount, windowUs });
      const used = limiter.charge(limiter.initial(0), 0, amount);
      // amount × (W − e) / W ≤ amount − 1  ⇔  e ≥ W / amount, which is 2592 µs for a billion.
      const openUs = more < 0 ? 2593 : 2592;
      expect(limiter.check(used, windowUs, 1)).toMatchObject({ admit: false, retryAfterUs: openUs });
      expect(limiter.check(used, windowUs + openUs, 1).admit).toBe(true);
      expect(limiter.check(used, windowUs + openUs - 1, 1).admit).toBe(false);
    }
  });

  it('small quotas store plain numbers in their state', () => {
    const state = createLimiter({ algorithm: 'gcra', capacity: 5, refill: { amount: 5, periodUs: S } }).initial(0);
    expect(state).toEqual({ level: 5 * 200_000, atUs: 0 });
  });
});
