import { describe, expect, it } from 'vitest';
import type { AdmissionCheck } from '../../../mock-server/admission/admission.ts';
import { requestedWait } from '../../../mock-server/admission/retry-after.ts';
import { createLimiter } from '../../../mock-server/limiter/create-limiter.ts';
import type { RetryAfterPolicy } from '../../../mock-server/settings.ts';

const S = 1_000_000;

/** Creates an empty bucket of 5 that refills at 5 per second, and refuses requests on it. */
function emptyBucket(atUs = 0) {
  const spec = { algorithm: 'token-bucket', capacity: 5, refill: { amount: 5, periodUs: S } } as const;
  const limit = {
    name: 'requests',
    scope: ['all'],
    unit: 'requests',
    spec,
    chargeRejected: 'none',
    settle: 'none',
  } as const;
  const limiter = createLimiter(spec);
  const bucket = {
    label: 'requests',
    bound: { limit, limiter },
    state: limiter.charge(limiter.initial(atUs), atUs, 5),
    promisedUntilUs: 0,
  };
  return {
    empty(nowUs: number) {
      bucket.state = limiter.charge(limiter.initial(nowUs), nowUs, 5);
    },
    refuse(policy: RetryAfterPolicy, nowUs: number, random = () => 0.5) {
      const decision = limiter.check(bucket.state, nowUs, 1);
      expect(decision.admit).toBe(false);
      const check: AdmissionCheck = { bucket, cost: 1, decision };
      return requestedWait(policy, check, decision.retryAfterUs, nowUs, random);
    },
  };
}

describe('the requested wait of an empty bucket of 5 per second', () => {
  it.each([
    ['next-token', { in: 'milliseconds', waitUs: 199_000 }],
    ['ceil-seconds', { in: 'seconds', waitUs: 199_000 }],
    ['window-end', { in: 'seconds', waitUs: 999_000 }],
    ['http-date', { in: 'http-date', waitUs: 199_000 }],
    ['none', undefined],
    ['past-date', { in: 'http-date', waitUs: -30 * S }],
    [{ literal: 'soon' }, { in: 'literal', text: 'soon' }],
    [{ literalMs: '-5' }, { in: 'literal', ms: '-5' }],
    [
      { literal: 'soon', literalMs: '-5' },
      { in: 'literal', text: 'soon', ms: '-5' },
    ],
  ] as const)('%j: %j', (policy, expected) => {
    expect(emptyBucket().refuse(policy, 1000)).toStrictEqual(expected);
  });

  it('slot: gives each caller the next free slot, 200 ms apart', () => {
    const bucket = emptyBucket();
    const waits = [0, 0, 0, 50_000].map((nowUs) => bucket.refuse('slot', nowUs));
    expect(waits.map((wait) => wait?.in === 'milliseconds' && wait.waitUs)).toEqual([
      200_000, 400_000, 600_000, 750_000,
    ]);
  });

  it('slot: starts again once all promised slots are past', () => {
    const bucket = emptyBucket(10_000 * S);
    expect([0, 0].map(() => bucket.refuse('slot', 10_000 * S))).toMatchObject([
      { waitUs: 200_000 },
      { waitUs: 400_000 },
    ]);
    bucket.empty(20_000 * S);
    expect(bucket.refuse('slot', 20_000 * S)).toMatchObject({ waitUs: 200_000 });
  });

  it('slot: gives all callers the same wait for a concurrency limit, which has no rate', () => {
    const spec = { algorithm: 'concurrency', amount: 1 } as const;
    const limiter = createLimiter(spec);
    const limit = { name: 'c', scope: ['all'], unit: 'concurrent', spec, chargeRejected: 'none' } as const;
    const state = limiter.charge(limiter.initial(0), 0, 1, { id: 1, endsUs: 3 * S });
    const bucket = { label: 'c', bound: { limit, limiter }, state, promisedUntilUs: 0 };
    const waits = [0, 1].map(() => {
      const decision = limiter.check(state, S, 1);
      return requestedWait('slot', { bucket, cost: 1, decision }, decision.retryAfterUs, S, () => 0);
    });
    expect(waits).toEqual([
      { in: 'milliseconds', waitUs: 2 * S },
      { in: 'milliseconds', waitUs: 2 * S },
    ]);
  });

  it('spread: is between the next token and the last promised slot', () => {
    const bucket = emptyBucket();
    const waits = [0, 0.5, 1, 0.5].map((at) => bucket.refuse('spread', 0, () => at));
    expect(waits.map((wait) => wait?.in === 'milliseconds' && wait.waitUs)).toEqual([
      200_000, 300_000, 600_000, 500_000,
    ]);
  });

  it('is absent for all but literal policies if waiting cannot help', () => {
    const spec = { algorithm: 'token-bucket', capacity: 5, refill: { amount: 5, periodUs: S } } as const;
    const limiter = createLimiter(spec);
    const limit = {
      name: 'r',
      scope: ['all'],
      unit: 'requests',
      spec,
      chargeRejected: 'none',
      settle: 'none',
    } as const;
    const bucket = { label: 'r', bound: { limit, limiter }, state: limiter.initial(0), promisedUntilUs: 0 };
    const check = { bucket, cost: 6, decision: limiter.check(bucket.state, 0, 6) };
    for (const policy of ['next-token', 'ceil-seconds', 'window-end', 'slot', 'spread', 'http-date'] as const) {
      expect(requestedWait(policy, check, Infinity, 0, () => 0)).toBeUndefined();
    }
    expect(requestedWait({ literal: 'never' }, check, Infinity, 0, () => 0)).toEqual({ in: 'literal', text: 'never' });
  });
});
