import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlgorithmSpec } from '../../../mock-server/limiter/algorithms.ts';
import { createLimiter } from '../../../mock-server/limiter/create-limiter.ts';

const S = 1_000_000;
const DAY = 86_400 * S;
const refill = { amount: 10, periodUs: S };

interface Settled {
  readonly spec: AlgorithmSpec;
  /** Characteristic time: a window, a tick, the time to refill. */
  readonly spanUs: number;
  /** Whether settling is exact; otherwise it refunds at most the exact amount. */
  readonly exact: boolean;
}

const CASES: readonly Settled[] = [
  { spec: { algorithm: 'fixed-window', amount: 10, windowUs: S, anchor: 'clock' }, spanUs: S, exact: true },
  { spec: { algorithm: 'fixed-window', amount: 10, windowUs: S, anchor: 'first-request' }, spanUs: S, exact: true },
  { spec: { algorithm: 'sliding-window-log', amount: 10, windowUs: S }, spanUs: S, exact: true },
  { spec: { algorithm: 'sliding-window-counter', amount: 10, windowUs: S }, spanUs: S, exact: true },
  {
    spec: { algorithm: 'calendar-quota', amount: 10, per: 'day', timeZone: 'Europe/Berlin', resetHour: 3 },
    spanUs: DAY,
    exact: true,
  },
  { spec: { algorithm: 'ramp', floor: 10, growthPercent: 50, windowUs: S }, spanUs: S, exact: true },
  { spec: { algorithm: 'tick-bucket', capacity: 10, refill }, spanUs: S, exact: false },
  { spec: { algorithm: 'token-bucket', capacity: 10, refill }, spanUs: S, exact: false },
];

describe.each(CASES)('$spec.algorithm $spec.anchor', ({ spec, spanUs, exact }) => {
  const share = fc.nat(1000).map((parts) => Math.floor((parts * spanUs) / 1000));
  const plan = fc.record({
    startUs: share,
    reserved: fc.integer({ min: 1, max: 10 }),
    actual: fc.integer({ min: 1, max: 14 }),
    others: fc.array(fc.record({ afterUs: share, cost: fc.integer({ min: 1, max: 4 }) }), { maxLength: 5 }),
    settledAfterUs: share,
  });

  it('settling is equivalent to charging the actual cost from the start', () => {
    const limiter = createLimiter(spec);
    let denied = 0;
    let corrected = 0;
    fc.assert(
      fc.property(plan, ({ startUs, reserved, actual, others, settledAfterUs }) => {
        let nowUs = 20_000 * DAY + startUs;
        const chargedAtUs = nowUs;
        const fresh = limiter.initial(nowUs);
        let estimated = limiter.charge(fresh, nowUs, reserved, { id: 1 });
        let truth = limiter.charge(fresh, nowUs, actual);
        for (const { afterUs, cost } of others) {
          nowUs += afterUs;
          if (!limiter.check(estimated, nowUs, cost).admit) {
            denied++;
            continue;
          }
          estimated = limiter.charge(estimated, nowUs, cost);
          truth = limiter.charge(truth, nowUs, cost);
        }
        nowUs += settledAfterUs;
        const settled = limiter.settle(estimated, nowUs, { id: 1, chargedAtUs, charged: reserved, actual });
        const [actualState, expected] = [settled, truth].map((state) => limiter.check(state, nowUs, 0));
        if (actualState!.remaining !== limiter.check(estimated, nowUs, 0).remaining) corrected++;
        if (exact) expect(actualState).toEqual(expected);
        else expect(actualState!.remaining).toBeLessThanOrEqual(expected!.remaining);
        // A ramp knows the window before.
        const idleUs = Math.max(limiter.check(settled, nowUs, 0).resetUs, spec.algorithm === 'ramp' ? 2 * spanUs : 0);
        expect(limiter.isIdle(settled, nowUs + idleUs)).toBe(true);
      }),
      { numRuns: 200 },
    );
    expect(denied, 'number of refusals').toBeGreaterThan(0);
    expect(corrected, 'number of corrections').toBeGreaterThan(0);
  });

  /** 3:00 in Berlin, when a day, a window and a tick start; and 7.5 s later. */
  const times = [20_000 * DAY + 3600 * S, 20_000 * DAY + 3607.5 * S];
  const settlements = [
    [4, 1, 9],
    [4, 4, 6],
    [4, 7, 3],
    [10, 14, 0],
  ].flatMap(([reserved, actual, left]) => times.map((nowUs) => [reserved!, actual!, left!, nowUs] as const));

  it.each(settlements)(
    '%d reserved, %d used, settled at once: %d of 10 left at %d',
    (reserved, actual, left, nowUs) => {
      const limiter = createLimiter(spec);
      const charged = limiter.charge(limiter.initial(nowUs), nowUs, reserved, { id: 1 });
      const settled = limiter.settle(charged, nowUs, { id: 1, chargedAtUs: nowUs, charged: reserved, actual });
      expect(limiter.check(settled, nowUs, 0).remaining).toBe(left);
      expect(limiter.check(settled, nowUs, left + 1).admit).toBe(false);
    },
  );

  it.each(times)('a request without actual cost leaves the bucket idle at %d', (nowUs) => {
    const limiter = createLimiter(spec);
    const charged = limiter.charge(limiter.initial(nowUs), nowUs, 4, { id: 1 });
    expect(limiter.isIdle(charged, nowUs)).toBe(false);
    const settled = limiter.settle(charged, nowUs, { id: 1, chargedAtUs: nowUs, charged: 4, actual: 0 });
    expect(limiter.isIdle(settled, nowUs)).toBe(true);
    expect(limiter.check(settled, nowUs, 10).admit).toBe(true);
    expect(limiter.check(settled, nowUs, 11).admit).toBe(false);
  });
});

describe('a tick bucket drops refunds after a tick', () => {
  const tick = () => createLimiter({ algorithm: 'tick-bucket', capacity: 10, refill: { amount: 5, periodUs: S } });
  const settledAt = (settledUs: number, actual: number) => {
    const limiter = tick();
    const charged = limiter.charge(limiter.initial(0), 0.2 * S, 10, { id: 1 });
    const settled = limiter.settle(charged, settledUs, { id: 1, chargedAtUs: 0.2 * S, charged: 10, actual });
    return limiter.check(settled, settledUs, 1);
  };

  it.each([
    [0.9 * S, 4, { admit: true, remaining: 5 }],
    // The tick at 1 s has added 5: the refund is dropped, an overrun is charged.
    [1.1 * S, 4, { admit: true, remaining: 4 }],
    [1.1 * S, 12, { admit: true, remaining: 2 }],
    // Debt is at most one capacity: −10, and the ticks at 2, 3 and 4 s raise it to 5.
    [1.1 * S, 90, { admit: false, remaining: 0, retryAfterUs: 2.9 * S }],
  ])('10 reserved at 200 ms, settled at %d µs with %d: %j', (settledUs, actual, answer) => {
    expect(settledAt(settledUs, actual)).toMatchObject(answer);
  });
});

describe('a log identifies charges by hold', () => {
  const log = () => createLimiter({ algorithm: 'sliding-window-log', amount: 10, windowUs: S });

  it('an expired charge is not confused with another of the same size', () => {
    const limiter = log();
    const first = limiter.charge(limiter.initial(0), 0, 3, { id: 1 });
    const both = limiter.charge(first, 0.9 * S, 3, { id: 2 });
    const settled = limiter.settle(both, 1.5 * S, { id: 1, chargedAtUs: 0, charged: 3, actual: 0 });
    expect(limiter.check(settled, 1.5 * S, 0).remaining).toBe(7);
  });

  it('a charge made while the clock is behind expires relative to the latest time', () => {
    const limiter = log();
    const ahead = limiter.charge(limiter.initial(0), 5 * S, 1);
    const behind = limiter.charge(ahead, 4.5 * S, 6, { id: 2 });
    const settled = limiter.settle(behind, 5.2 * S, { id: 2, chargedAtUs: 4.5 * S, charged: 6, actual: 4 });
    expect(limiter.check(settled, 5.9 * S, 0).remaining).toBe(5);
    expect(limiter.check(settled, 6 * S, 0).remaining).toBe(10);
  });
});
