import { describe, expect, it } from 'vitest';
import { createLimiter } from '../../../mock-server/limiter/create-limiter.ts';

const S = 1_000_000;
const MONTH_US = 30 * 86_400 * S;

describe('P12: thirty days of greedy arrivals admit exactly capacity + rate × time', () => {
  it.each([
    { capacity: 5, amount: 5, periodUs: S, admits: 12_960_005 },
    { capacity: 3, amount: 3, periodUs: 20 * S, admits: 388_803 },
    { capacity: 7, amount: 7, periodUs: 60 * S, admits: 302_407 },
  ])('$amount per $periodUs µs: $admits', ({ capacity, amount, periodUs, admits }) => {
    const limiter = createLimiter({ algorithm: 'token-bucket', capacity, refill: { amount, periodUs } });
    let state = limiter.initial(0);
    let admitted = 0;
    let denied = 0;
    for (let nowUs = 0; nowUs <= MONTH_US; ) {
      const decision = limiter.check(state, nowUs, 1);
      if (decision.admit) {
        state = limiter.charge(state, nowUs, 1);
        admitted++;
      } else {
        denied++;
        nowUs += decision.retryAfterUs;
      }
    }
    expect(admitted).toBe(admits);
    expect(denied).toBeGreaterThan(0);
  });
});
