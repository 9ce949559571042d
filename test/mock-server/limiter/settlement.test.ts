import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLimiter } from '../../../mock-server/limiter/create-limiter.ts';

const S = 1_000_000;

const limiter = createLimiter({ algorithm: 'token-bucket', capacity: 10, refill: { amount: 1, periodUs: S } });
const remainingAt = (state: unknown, nowUs: number): number => limiter.check(state, nowUs, 0).remaining;

describe('settlement, step by step', () => {
  it('0 s: 5 of 10 reserved; 5 s: full again; 6 s: nothing was used and nothing is refunded', () => {
    const charged = limiter.charge(limiter.initial(0), 0, 5, { id: 1 });
    expect(remainingAt(charged, 0)).toBe(5);
    expect(remainingAt(charged, 5 * S)).toBe(10);
    const settled = limiter.settle(charged, 6 * S, { id: 1, chargedAtUs: 0, charged: 5, actual: 0 });
    expect(remainingAt(settled, 6 * S)).toBe(10);
    expect(limiter.check(settled, 6 * S, 11).admit).toBe(false);
  });

  it('an overrun makes the level negative and delays all requests', () => {
    const charged = limiter.charge(limiter.initial(0), 0, 10, { id: 1 });
    const settled = limiter.settle(charged, 0, { id: 1, chargedAtUs: 0, charged: 10, actual: 14 });
    expect(limiter.check(settled, 0, 1)).toMatchObject({ admit: false, remaining: 0, retryAfterUs: 5 * S });
  });

  it('two open charges: each refunds its unused part', () => {
    const both = [1, 2].reduce((state, id) => limiter.charge(state, 0, 4, { id }), limiter.initial(0));
    const first = limiter.settle(both, 0, { id: 1, chargedAtUs: 0, charged: 4, actual: 1 });
    expect(remainingAt(first, 0)).toBe(5);
    const second = limiter.settle(first, 0, { id: 2, chargedAtUs: 0, charged: 4, actual: 1 });
    expect(remainingAt(second, 0)).toBe(8);
  });

  it('a charge is not refunded twice or if unknown; an overrun is always charged', () => {
    const charged = limiter.charge(limiter.initial(0), 0, 5, { id: 1 });
    const once = limiter.settle(charged, 0, { id: 1, chargedAtUs: 0, charged: 5, actual: 0 });
    const twice = limiter.settle(once, 0, { id: 1, chargedAtUs: 0, charged: 5, actual: 0 });
    expect([remainingAt(once, 0), remainingAt(twice, 0)]).toEqual([10, 10]);
    expect(limiter.check(twice, 0, 0).resetUs).toBe(0);
    const stranger = limiter.settle(limiter.initial(0), 0, { id: 7, chargedAtUs: 0, charged: 1, actual: 4 });
    expect(remainingAt(stranger, 0)).toBe(7);
  });

  it('a full bucket is not idle while a request is open, even one without cost', () => {
    for (const [estimate, fullUs] of [
      [5, 5 * S],
      [0, 0],
    ] as const) {
      const charged = limiter.charge(limiter.initial(0), 0, estimate, { id: 1 });
      expect([remainingAt(charged, fullUs), limiter.isIdle(charged, fullUs)]).toEqual([10, false]);
      const settled = limiter.settle(charged, fullUs, { id: 1, chargedAtUs: 0, charged: estimate, actual: estimate });
      expect([remainingAt(settled, fullUs), limiter.isIdle(settled, fullUs)]).toEqual([10, true]);
    }
  });

  it('a bucket that starts empty is not idle when full, because a new one would be empty', () => {
    const spec = { algorithm: 'token-bucket', capacity: 2, refill: { amount: 1, periodUs: S }, initial: 0 } as const;
    const empty = createLimiter(spec);
    expect(empty.check(empty.initial(0), 2 * S, 2).admit).toBe(true);
    expect(empty.isIdle(empty.initial(0), 2 * S)).toBe(false);
  });
});

describe('settlement never refunds too much', () => {
  it('one open request: settling gives the same level as charging the actual cost from the start', () => {
    const plan = fc.record({
      reserved: fc.integer({ min: 1, max: 10 }),
      used: fc.nat(10),
      others: fc.array(fc.record({ afterUs: fc.nat(4 * S), cost: fc.integer({ min: 1, max: 3 }) }), { maxLength: 8 }),
    });
    let denied = 0;
    fc.assert(
      fc.property(plan, ({ reserved, used, others }) => {
        const actual = Math.min(used, reserved);
        let estimated = limiter.charge(limiter.initial(0), 0, reserved, { id: 1 });
        let truth = limiter.charge(limiter.initial(0), 0, actual);
        let nowUs = 0;
        for (const { afterUs, cost } of others) {
          nowUs += afterUs;
          if (!limiter.check(estimated, nowUs, cost).admit) {
            denied++;
            continue;
          }
          estimated = limiter.charge(estimated, nowUs, cost);
          truth = limiter.charge(truth, nowUs, cost);
        }
        const settled = limiter.settle(estimated, nowUs, { id: 1, chargedAtUs: 0, charged: reserved, actual });
        expect(limiter.check(settled, nowUs, 0)).toEqual(limiter.check(truth, nowUs, 0));
      }),
    );
    expect(denied).toBeGreaterThan(0);
  });

  it('several open requests: the level is at most that of charging the actual costs from the start', () => {
    const plan = fc.array(
      fc.record({
        afterUs: fc.nat(3 * S),
        reserved: fc.integer({ min: 1, max: 5 }),
        share: fc.nat(100),
        heldFor: fc.integer({ min: 1, max: 4 }),
      }),
      { minLength: 2, maxLength: 10 },
    );
    let denied = 0;
    fc.assert(
      fc.property(plan, (requests) => {
        let estimated = limiter.initial(0);
        let truth = limiter.initial(0);
        let nowUs = 0;
        let open: { id: number; chargedAtUs: number; charged: number; actual: number; until: number }[] = [];
        const settleDue = (turn: number): void => {
          for (const due of open.filter(({ until }) => until <= turn))
            estimated = limiter.settle(estimated, nowUs, due);
          open = open.filter(({ until }) => until > turn);
        };
        for (const [turn, { afterUs, reserved, share, heldFor }] of requests.entries()) {
          nowUs += afterUs;
          settleDue(turn);
          if (!limiter.check(estimated, nowUs, reserved).admit) {
            denied++;
            continue;
          }
          const actual = Math.floor((reserved * share) / 100);
          estimated = limiter.charge(estimated, nowUs, reserved, { id: turn });
          truth = limiter.charge(truth, nowUs, actual);
          open.push({ id: turn, chargedAtUs: nowUs, charged: reserved, actual, until: turn + heldFor });
        }
        settleDue(Infinity);
        expect(limiter.check(estimated, nowUs, 0).remaining).toBeLessThanOrEqual(
          limiter.check(truth, nowUs, 0).remaining,
        );
      }),
    );
    expect(denied).toBeGreaterThan(0);
  });
});
