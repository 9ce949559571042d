import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLimiter } from '../../../mock-server/limiter/create-limiter.ts';

const S = 1_000_000;

const limiter = createLimiter({ algorithm: 'token-bucket', capacity: 10, refill: { amount: 1, periodUs: S } });
const remainingAt = (state: unknown, nowUs: number): number => limiter.check(state, nowUs, 0).remaining;

describe('settlement, step by step', () => {
  it('0 s: 5 of 10 reserved; 5 s: full again; 6 s: nothing was used, and nothing is left to give back', () => {
    const charged = limiter.charge(limiter.initial(0), 0, 5, { id: 1 });
    expect(remainingAt(charged, 0)).toBe(5);
    expect(remainingAt(charged, 5 * S)).toBe(10);
    const settled = limiter.settle(charged, 6 * S, { id: 1, chargedAtUs: 0, charged: 5, actual: 0 });
    expect(remainingAt(settled, 6 * S)).toBe(10);
    expect(limiter.check(settled, 6 * S, 11).admit).toBe(false);
  });

  it('an overrun goes below zero, and everybody waits for it', () => {
    const charged = limiter.charge(limiter.initial(0), 0, 10, { id: 1 });
    const settled = limiter.settle(charged, 0, { id: 1, chargedAtUs: 0, charged: 10, actual: 14 });
    expect(limiter.check(settled, 0, 1)).toMatchObject({ admit: false, remaining: 0, retryAfterUs: 5 * S });
  });
});

describe('settlement by the safe rule', () => {
  it('one open request: after settling, the level is what it would be had the true cost been charged', () => {
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

  it('several open requests: never more than had the true costs been charged', () => {
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
