import { describe, expect, it } from 'vitest';
import { limitAmount, sustainedRate } from '../../../mock-server/admission/limit-rate.ts';
import type { AlgorithmSpec } from '../../../mock-server/limiter/algorithms.ts';
import { createLimiter } from '../../../mock-server/limiter/create-limiter.ts';

const S = 1_000_000;
const DAY = 86_400 * S;
const bucket = { capacity: 7, refill: { amount: 3, periodUs: S } };

describe.each<[AlgorithmSpec, number, ReturnType<typeof sustainedRate>]>([
  [{ algorithm: 'token-bucket', ...bucket }, 7, { amount: 3, periodUs: S }],
  [{ algorithm: 'gcra', ...bucket }, 7, { amount: 3, periodUs: S }],
  [{ algorithm: 'leaky-meter', ...bucket }, 7, { amount: 3, periodUs: S }],
  [{ algorithm: 'tick-bucket', ...bucket }, 7, { amount: 3, periodUs: S }],
  [{ algorithm: 'leaky-bucket', rate: { amount: 5, periodUs: S }, burst: 4, delay: 0 }, 5, { amount: 5, periodUs: S }],
  [{ algorithm: 'leaky-queue', intervalUs: 200_000, maxQueue: 4 }, 5, { amount: 1, periodUs: 200_000 }],
  [{ algorithm: 'fixed-window', amount: 6, windowUs: S, anchor: 'clock' }, 6, { amount: 6, periodUs: S }],
  [{ algorithm: 'sliding-window-log', amount: 6, windowUs: S }, 6, { amount: 6, periodUs: S }],
  [{ algorithm: 'sliding-window-counter', amount: 6, windowUs: S }, 6, { amount: 6, periodUs: S }],
  [
    { algorithm: 'calendar-quota', amount: 9, per: 'day', timeZone: 'UTC', resetHour: 0 },
    9,
    { amount: 9, periodUs: DAY },
  ],
  [
    { algorithm: 'calendar-quota', amount: 9, per: 'month', timeZone: 'UTC', resetHour: 0 },
    9,
    { amount: 9, periodUs: 30 * DAY },
  ],
  [{ algorithm: 'concurrency', amount: 3 }, 3, null],
])('%j', (spec, amount, rate) => {
  it('admits its amount at once, and no more', () => {
    const limiter = createLimiter(spec);
    const state = limiter.initial(0);
    expect(limitAmount(spec)).toBe(amount);
    expect(limiter.check(state, 0, amount).admit).toBe(true);
    expect(limiter.check(state, 0, amount + 1).admit).toBe(false);
  });

  it('admits its rate in the long run', () => {
    expect(sustainedRate(spec)).toEqual(rate);
    if (!rate) return;
    const limiter = createLimiter(spec);
    let state = limiter.initial(0);
    let admitted = 0;
    let denied = 0;
    for (let nowUs = 0; nowUs < 200 * rate.periodUs; ) {
      const { admit, retryAfterUs } = limiter.check(state, nowUs, 1);
      if (admit) state = limiter.charge(state, nowUs, 1);
      if (admit) admitted++;
      else {
        denied++;
        nowUs += retryAfterUs;
      }
    }
    expect(denied).toBeGreaterThan(0);
    // A month counts as 30 days. A client that retries a sliding counter as early as possible gets one less per window.
    expect(admitted / (200 * rate.amount)).toBeGreaterThan(spec.algorithm === 'sliding-window-counter' ? 5 / 6 : 0.95);
    expect(admitted / (200 * rate.amount)).toBeLessThan(1.05);
  });
});
