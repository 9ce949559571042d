import { describe, expect, it } from 'vitest';
import { type AlgorithmSpec, algorithmOf } from '../../../mock-server/limiter/algorithms.ts';
import { createLimiter } from '../../../mock-server/limiter/create-limiter.ts';

const limitProblems = (spec: AlgorithmSpec) => algorithmOf(spec).problems(spec);
const S = 1_000_000;
const MONTH_US = 30 * 86_400 * S;

/** Cases that vectors and invariants do not cover. */
describe('concurrency: a place is released by settling its hold', () => {
  const limiter = createLimiter({ algorithm: 'concurrency', amount: 2 });
  const two = [
    { id: 1, endsUs: 3 * S },
    { id: 2, endsUs: 5 * S },
  ].reduce((state, hold) => limiter.charge(state, 0, 1, hold), limiter.initial(0));

  it.each([
    [0, 3 * S],
    [2 * S, S],
    // Its hold was expected to end a second ago.
    [4 * S, 1],
  ])('at %d µs the third gets a wait of %d µs', (nowUs, waitUs) => {
    expect(limiter.check(two, nowUs, 1)).toMatchObject({ admit: false, remaining: 0, retryAfterUs: waitUs });
  });

  it('the wait is 1 s if no end is known', () => {
    const unknown = [1, 2].reduce((state, id) => limiter.charge(state, 0, 1, { id }), limiter.initial(0));
    expect(limiter.check(unknown, 0, 1).retryAfterUs).toBe(S);
  });

  it('a cost of two waits for two releases; the reset is when all are expected to end', () => {
    expect(limiter.check(two, 0, 2)).toMatchObject({ admit: false, retryAfterUs: 5 * S, resetUs: 5 * S });
    expect(limiter.check(two, 2 * S, 0)).toMatchObject({ admit: true, remaining: 0, resetUs: 3 * S });
    expect(limiter.check(two, 6 * S, 0).resetUs).toBe(1);
    const openEnded = limiter.charge(limiter.charge(limiter.initial(0), 0, 1, { id: 1, endsUs: 3 * S }), 0, 1, {
      id: 2,
    });
    expect(limiter.check(openEnded, 0, 0).resetUs).toBe(S);
    expect(limiter.check(openEnded, 0, 1).retryAfterUs).toBe(3 * S);
    expect(limiter.check(openEnded, 0, 2).retryAfterUs).toBe(S);
  });

  it('with more open than allowed, the wait is until there is room', () => {
    const three = limiter.charge(two, 0, 1, { id: 3, endsUs: 9 * S });
    const refused = limiter.check(three, 0, 1);
    expect(refused).toMatchObject({ admit: false, remaining: 0, retryAfterUs: 5 * S });
    const ended = [1, 2].reduce(
      (state, id) => limiter.settle(state, 5 * S, { id, chargedAtUs: 0, charged: 1, actual: 0 }),
      three,
    );
    expect(limiter.check(ended, 5 * S, 1).admit).toBe(true);
  });

  it('a charge without a hold is released at once; a hold with actual cost is not released', () => {
    const limiter = createLimiter({ algorithm: 'concurrency', amount: 2 });
    const fresh = limiter.initial(0);
    expect(limiter.check(fresh, 7, 0)).toEqual({ admit: true, remaining: 2, resetUs: 0, retryAfterUs: 0, delayUs: 0 });
    expect(limiter.check(limiter.charge(fresh, 0, 1), 0, 2).admit).toBe(true);
    const still = limiter.settle(two, S, { id: 1, chargedAtUs: 0, charged: 1, actual: 1 });
    expect(limiter.check(still, S, 1).admit).toBe(false);
    expect([limiter.isIdle(fresh, 0), limiter.isIdle(still, 60 * S)]).toEqual([true, false]);
  });

  it('the third is admitted once the first has ended', () => {
    const one = limiter.settle(two, S, { id: 1, chargedAtUs: 0, charged: 1, actual: 0 });
    expect(limiter.check(one, S, 1)).toMatchObject({ admit: true, remaining: 0 });
    expect(limiter.check(one, S, 2).admit).toBe(false);
    expect(limiter.check(one, S, 3).retryAfterUs).toBe(Infinity);
    expect(limiter.isIdle(limiter.settle(one, S, { id: 2, chargedAtUs: 0, charged: 1, actual: 0 }), S)).toBe(true);
  });
});

describe('levels beyond 2^53', () => {
  it('a billion and seven tokens per day: the wait is exact to the microsecond', () => {
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

  it('two million tokens per month by sliding counter: admitted after exactly the wait', () => {
    const limiter = createLimiter({ algorithm: 'sliding-window-counter', amount: 2_000_003, windowUs: MONTH_US });
    const used = limiter.charge(limiter.initial(0), 0, 2_000_003);
    const { retryAfterUs } = limiter.check(used, 7, 1);
    expect(limiter.check(used, 7 + retryAfterUs - 1, 1).admit).toBe(false);
    expect(limiter.check(used, 7 + retryAfterUs, 1).admit).toBe(true);
  });
});

describe('charged refusals: debt is at most one capacity', () => {
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

describe('windows and ticks start at their anchor', () => {
  it('a clock window with an offset of 300 ms ends 300 ms past each second', () => {
    const limiter = createLimiter({
      algorithm: 'fixed-window',
      amount: 2,
      windowUs: S,
      anchor: 'clock',
      offsetUs: 300_000,
    });
    const used = limiter.charge(limiter.initial(10.2 * S), 10.2 * S, 2);
    expect(limiter.check(used, 10.2 * S, 1)).toMatchObject({ admit: false, retryAfterUs: 100_000 });
    expect(limiter.check(used, 10.3 * S, 2)).toMatchObject({ admit: true, remaining: 0, resetUs: S });
  });

  it('ticks with an anchor of 300 ms come 300 ms past each second', () => {
    const limiter = createLimiter({
      algorithm: 'tick-bucket',
      capacity: 4,
      refill: { amount: 1, periodUs: S },
      anchorUs: 300_000,
    });
    const used = limiter.charge(limiter.initial(10.2 * S), 10.2 * S, 4);
    expect(limiter.check(used, 10.2 * S, 1)).toMatchObject({ admit: false, retryAfterUs: 100_000, resetUs: 3.1 * S });
    expect(limiter.check(used, 10.3 * S, 1)).toMatchObject({ admit: true, remaining: 0, resetUs: 4 * S });
  });

  it('a first-request window has no reset before its first request', () => {
    const limiter = createLimiter({ algorithm: 'fixed-window', amount: 2, windowUs: S, anchor: 'first-request' });
    const fresh = limiter.initial(10.2 * S);
    expect(limiter.check(fresh, 10.7 * S, 0)).toMatchObject({ remaining: 2, resetUs: 0 });
    expect(limiter.check(fresh, 10.7 * S, 1)).toMatchObject({ remaining: 1, resetUs: S });
    const opened = limiter.charge(fresh, 10.7 * S, 1);
    expect(limiter.check(opened, 11.6 * S, 0)).toMatchObject({ remaining: 1, resetUs: 0.1 * S });
    expect(limiter.check(opened, 11.7 * S, 0)).toMatchObject({ remaining: 2, resetUs: 0 });
  });
});

describe('a queue', () => {
  const queue = () => createLimiter({ algorithm: 'leaky-queue', intervalUs: 200_000, maxQueue: 4 });

  it('delays a cost of two until the second slot, and the next request behind both', () => {
    const limiter = queue();
    expect(limiter.check(limiter.initial(0), 0, 2)).toEqual({
      admit: true,
      remaining: 3,
      resetUs: 400_000,
      retryAfterUs: 0,
      delayUs: 200_000,
    });
    const two = limiter.charge(limiter.initial(0), 0, 2);
    expect(limiter.check(two, 0, 1)).toMatchObject({ admit: true, remaining: 2, resetUs: 600_000, delayUs: 400_000 });
  });

  it('settles nothing', () => {
    const limiter = queue();
    const one = limiter.charge(limiter.initial(0), 0, 1);
    expect(limiter.settle(one, 0, { id: 1, chargedAtUs: 0, charged: 1, actual: 0 })).toEqual(one);
  });
});

describe('nginx after a clock change', () => {
  /** Two requests at 100 s use the burst; 200 ms later there is room for one. */
  const filled = () => {
    const rate = { amount: 5, periodUs: S };
    const limiter = createLimiter({ algorithm: 'leaky-bucket', rate, burst: 1, delay: 'nodelay' });
    return { limiter, full: limiter.charge(limiter.initial(100 * S), 100 * S, 2) };
  };

  it('back by at most a minute: nothing drains until the time of the last request', () => {
    const { limiter, full } = filled();
    for (const nowUs of [99 * S, 40 * S]) {
      expect(limiter.check(full, nowUs, 1).admit).toBe(false);
      const again = limiter.charge(full, nowUs, 1);
      expect(limiter.check(again, 100.2 * S, 1).admit).toBe(false);
      expect(limiter.check(again, 100.4 * S, 1).admit).toBe(true);
    }
  });

  it('back by more than a minute: counts 1 ms and continues from there', () => {
    const { limiter, full } = filled();
    const again = limiter.charge(full, 39.999 * S, 1);
    expect(limiter.check(again, 40.3 * S, 1).admit).toBe(false);
    expect(limiter.check(again, 40.4 * S, 1).admit).toBe(true);
  });

  it('back before the first request: an unused key has nothing to reset', () => {
    const limiter = createLimiter({
      algorithm: 'leaky-bucket',
      rate: { amount: 5, periodUs: S },
      burst: 1,
      delay: 'nodelay',
    });
    const unused = limiter.initial(10 * S);
    expect(limiter.isIdle(unused, 9 * S)).toBe(true);
    expect(limiter.check(unused, 9 * S, 0)).toMatchObject({ remaining: 2, resetUs: 0 });
  });

  it('settles nothing', () => {
    const { limiter, full } = filled();
    expect(limiter.settle(full, 100 * S, { id: 1, chargedAtUs: 0, charged: 1, actual: 0 })).toEqual(full);
  });
});

describe('all invalid parameters are reported', () => {
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
      { algorithm: 'calendar-quota', amount: -1, per: 'day', timeZone: 'Mars', resetHour: 24 },
      ['amount', 'resetHour', 'timeZone'],
    ],
    [{ algorithm: 'concurrency', amount: Number.NaN }, ['amount']],
    [
      { algorithm: 'token-bucket', capacity: 5, refill: { amount: 5, periodUs: S }, initial: -1, maxDebt: -1 },
      ['initial', 'maxDebt'],
    ],
    [{ algorithm: 'tick-bucket', capacity: -1, refill: { amount: 1, periodUs: 0 } }, ['capacity', 'refill']],
    [{ algorithm: 'leaky-bucket', rate: { amount: 0, periodUs: S }, burst: 0, delay: 0 }, ['rate']],
  ])('%j', (spec, paths) => {
    expect(limitProblems(spec).map(({ path }) => path)).toEqual(paths);
    expect(() => createLimiter(spec)).toThrow(
      expect.objectContaining({
        code: 'limiter/invalid',
        message: expect.stringContaining(`invalid ${spec.algorithm}`),
        problems: limitProblems(spec),
      }),
    );
  });

  it.each<[AlgorithmSpec]>([
    [{ algorithm: 'token-bucket', capacity: 5, refill: { amount: 5, periodUs: 1 }, initial: 5, maxDebt: 0 }],
    [{ algorithm: 'gcra', capacity: 5, refill: { amount: 5, periodUs: S }, initial: 0 }],
    [{ algorithm: 'tick-bucket', capacity: 1, refill: { amount: 1, periodUs: 1 } }],
    [{ algorithm: 'leaky-bucket', rate: { amount: 1, periodUs: 1000 * S }, burst: 0, delay: 0 }],
    [{ algorithm: 'calendar-quota', amount: 1, per: 'month', timeZone: 'UTC', resetHour: 23 }],
  ])('boundary values are valid: %j', (spec) => {
    expect(limitProblems(spec)).toEqual([]);
    expect(createLimiter(spec).capacity).toBeGreaterThan(0);
  });

  it.each<[AlgorithmSpec, string, string?]>([
    [{ algorithm: 'concurrency', amount: -1 }, 'must be a whole number of at least 0, not -1'],
    [
      { algorithm: 'calendar-quota', amount: 1, per: 'day', timeZone: 'UTC', resetHour: 24 },
      'must be a whole number from 0 to 23, not 24',
    ],
    [
      { algorithm: 'tick-bucket', capacity: 1, refill: { amount: 0, periodUs: S } },
      'must admit at least one unit per period, not 0 per 1000000 µs',
    ],
    [
      { algorithm: 'calendar-quota', amount: 1, per: 'day', timeZone: 'Mars', resetHour: 0 },
      'unknown time zone Mars',
      'use an IANA name, such as Europe/Berlin or UTC',
    ],
    [
      { algorithm: 'leaky-bucket', rate: { amount: 1, periodUs: 3600 * S }, burst: 0, delay: 0 },
      'is below the resolution of nginx',
      'nginx counts thousandths of a request per second; the slowest rate is 1r/m',
    ],
  ])('%j: %s', (spec, message, hint) => {
    expect(limitProblems(spec)).toEqual([{ path: expect.any(String), message, ...(hint && { hint }) }]);
  });
});

describe('a fixed window that opens with the first request', () => {
  it('0 s: 5 reserved; 1 s: over; 2 s: what they really cost is of no window', () => {
    const spec = { algorithm: 'fixed-window', amount: 10, windowUs: S, anchor: 'first-request', offsetUs: 0 } as const;
    const limiter = createLimiter(spec);
    const charged = limiter.charge(limiter.initial(0), 0, 5, { id: 1 });
    expect(limiter.check(charged, 0, 0).remaining).toBe(5);
    for (const actual of [0, 9]) {
      const settled = limiter.settle(charged, 2 * S, { id: 1, chargedAtUs: 0, charged: 5, actual });
      expect(limiter.check(settled, 2 * S, 0)).toMatchObject({ remaining: 10, resetUs: 0 });
      expect(limiter.isIdle(settled, 2 * S)).toBe(true);
    }
  });
});
