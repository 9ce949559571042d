import { describe, expect, it } from 'vitest';
import type { AlgorithmSpec } from '../../../mock-server/limiter/algorithm.ts';
import { createLimiter } from '../../../mock-server/limiter/create-limiter.ts';
import { limitProblems } from '../../../mock-server/limiter/limit-problems.ts';

const S = 1_000_000;
const MONTH_US = 30 * 86_400 * S;

/** What the tables of vectors and invariants do not reach. */
describe('concurrency: a place is given back when its holder says so', () => {
  const limiter = createLimiter({ algorithm: 'concurrency', amount: 2 });
  const two = [
    { id: 1, endsUs: 3 * S },
    { id: 2, endsUs: 5 * S },
  ].reduce((state, hold) => limiter.charge(state, 0, 1, hold), limiter.initial(0));

  it.each([
    [0, 3 * S],
    [2 * S, S],
    // Its holder should have ended a second ago, and has not.
    [4 * S, 1],
  ])('at %d µs the third is told to wait %d µs', (nowUs, waitUs) => {
    expect(limiter.check(two, nowUs, 1)).toMatchObject({ admit: false, remaining: 0, retryAfterUs: waitUs });
  });

  it('where no end is known, a second', () => {
    const unknown = [1, 2].reduce((state, id) => limiter.charge(state, 0, 1, { id }), limiter.initial(0));
    expect(limiter.check(unknown, 0, 1).retryAfterUs).toBe(S);
  });

  it('after the first has ended the third gets in, at any time', () => {
    const one = limiter.settle(two, S, { id: 1, chargedAtUs: 0, charged: 1, actual: 0 });
    expect(limiter.check(one, S, 1)).toMatchObject({ admit: true, remaining: 0 });
    expect(limiter.check(one, S, 2).admit).toBe(false);
    expect(limiter.check(one, S, 3).retryAfterUs).toBe(Infinity);
    expect(limiter.isIdle(limiter.settle(one, S, { id: 2, chargedAtUs: 0, charged: 1, actual: 0 }), S)).toBe(true);
  });
});

describe('levels beyond 2^53', () => {
  it('a billion and seven tokens a day: the wait is exact to the microsecond', () => {
    const limiter = createLimiter({
      algorithm: 'token-bucket',
      capacity: 1_000_000_007,
      refill: { amount: 1_000_000_007, periodUs: 86_400 * S },
    });
    const empty = limiter.charge(limiter.initial(0), 0, 1_000_000_007);
    const { retryAfterUs } = limiter.check(empty, 0, 1_000_000_006);
    expect(retryAfterUs).toBe(Number((1_000_000_006n * 86_400_000_000n + 1_000_000_006n) / 1_000_000_007n));
    expect(limiter.check(empty, retryAfterUs - 1, 1_000_000_006).admit).toBe(false);
    expect(limiter.check(empty, retryAfterUs, 1_000_000_006).admit).toBe(true);
    expect(limiter.check(JSON.parse(JSON.stringify(empty)), retryAfterUs, 1_000_000_006).admit).toBe(true);
  });

  it('two million tokens a month by sliding counter: admitted at the wait, not before', () => {
    const limiter = createLimiter({ algorithm: 'sliding-window-counter', amount: 2_000_003, windowUs: MONTH_US });
    const used = limiter.charge(limiter.initial(0), 0, 2_000_003);
    const { retryAfterUs } = limiter.check(used, 7, 1);
    expect(limiter.check(used, 7 + retryAfterUs - 1, 1).admit).toBe(false);
    expect(limiter.check(used, 7 + retryAfterUs, 1).admit).toBe(true);
  });
});

describe('refused requests that are charged: no more is owed than once the capacity', () => {
  it.each<[AlgorithmSpec, number]>([
    [{ algorithm: 'token-bucket', capacity: 5, refill: { amount: 5, periodUs: S } }, 1.2 * S],
    [{ algorithm: 'token-bucket', capacity: 5, refill: { amount: 5, periodUs: S }, maxDebt: 60 }, 12.2 * S],
    [{ algorithm: 'tick-bucket', capacity: 5, refill: { amount: 5, periodUs: S } }, 2 * S],
    [{ algorithm: 'leaky-bucket', rate: { amount: 5, periodUs: S }, burst: 4, delay: 'nodelay' }, 1.2 * S],
    [{ algorithm: 'leaky-queue', intervalUs: 200_000, maxQueue: 4 }, 1.2 * S],
  ])('%j: after a thousand refusals the wait is %d µs', (spec, waitUs) => {
    const limiter = createLimiter(spec);
    let state = limiter.initial(0);
    for (let n = 0; n < 1000; n++) state = limiter.charge(state, 0, 1);
    expect(limiter.check(state, 0, 1)).toMatchObject({ admit: false, retryAfterUs: waitUs });
  });
});

describe('impossible numbers are all told', () => {
  it.each<[AlgorithmSpec, string[]]>([
    [
      { algorithm: 'token-bucket', capacity: 0, refill: { amount: 0, periodUs: S }, initial: 9 },
      ['capacity', 'refill', 'initial'],
    ],
    [{ algorithm: 'fixed-window', amount: 1.5, windowUs: 0, anchor: 'clock' }, ['amount', 'window']],
    [
      { algorithm: 'leaky-bucket', rate: { amount: 1, periodUs: 3600 * S }, burst: -1, delay: 0.5 },
      ['rate', 'burst', 'delay'],
    ],
    [{ algorithm: 'leaky-queue', intervalUs: 0, maxQueue: -1 }, ['interval', 'maxQueue']],
    [
      { algorithm: 'calendar-quota', amount: 0, per: 'day', timeZone: 'Mars', resetHour: 24 },
      ['amount', 'resetHour', 'timeZone'],
    ],
    [{ algorithm: 'concurrency', amount: Number.NaN }, ['amount']],
  ])('%j', (spec, paths) => {
    expect(limitProblems(spec).map(({ path }) => path)).toEqual(paths);
    expect(() => createLimiter(spec)).toThrow(expect.objectContaining({ code: 'limiter/invalid' }));
  });
});
