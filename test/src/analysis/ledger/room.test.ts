import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Limit } from '../../../../mock-server/admission/limit.ts';
import { createLimiter } from '../../../../mock-server/limiter/create-limiter.ts';
import { findHistories } from '../../../../src/analysis/ledger/charges.ts';
import { createRoom } from '../../../../src/analysis/ledger/room.ts';
import { settings } from '../../../mock-server/openai-provider.ts';
import { header, requestLimit, runOf, strip } from '../strip.ts';

/** When there was room for `cost` units, in steps of 100 ms: `#` shut, `.` open. */
function picture(text: string, limit: Limit, { cost = 1, endMs = 4000, faults = [] as never[] } = {}): string {
  const records = strip(text).map((record) =>
    record.type === 'call'
      ? record
      : {
          ...record,
          limits: record.limits.map((view) => ({ ...view, limit: limit.name, bucket: limit.name, unit: limit.unit })),
        },
  );
  const run = runOf(records, { head: header([limit], { provider: settings({ limits: [limit], faults }) }), endMs });
  const room = createRoom(run)([{ limit, bucket: limit.name, cost }]);
  return Array.from({ length: endMs / 100 }, (_, n) =>
    room.openUs(n * 1e5, (n + 1) * 1e5) === 1e5 ? '.' : room.openUs(n * 1e5, (n + 1) * 1e5) === 0 ? '#' : '?',
  ).join('');
}

const window = (rest: Partial<Limit> = {}) =>
  requestLimit(1, 1, { spec: { algorithm: 'fixed-window', amount: 2, windowUs: 2e6, anchor: 'clock' }, ...rest });

describe('room', () => {
  it.each<[string, string, string]>([
    ['an unused bucket', picture('', requestLimit(1, 1)), '.'.repeat(40)],
    [
      'after one request, until the refill',
      picture('a.1 1000-1005 200', requestLimit(1, 1)),
      `${'.'.repeat(10)}${'#'.repeat(10)}${'.'.repeat(20)}`,
    ],
    [
      'for two units',
      picture('a.1 1000-1005 200', requestLimit(1, 2), { cost: 2 }),
      `${'.'.repeat(10)}${'#'.repeat(10)}${'.'.repeat(20)}`,
    ],
    ['for more than the bucket ever holds', picture('', requestLimit(1, 2), { cost: 3 }), '#'.repeat(40)],
    [
      'a window that resets',
      picture('a.1 100-105 200\nb.1 500-505 200', window()),
      `${'.'.repeat(5)}${'#'.repeat(15)}${'.'.repeat(20)}`,
    ],
    [
      'a bucket that begins empty, from its first request',
      picture(
        'a.1 1000-1005 429',
        requestLimit(1, 1, {
          spec: { algorithm: 'token-bucket', capacity: 1, refill: { amount: 1, periodUs: 1e6 }, initial: 0 },
        }),
      ),
      `${'#'.repeat(20)}${'.'.repeat(20)}`,
    ],
    [
      'refusals that are charged',
      picture('a.1 1000-1005 200\nb.1 1500-1505 429', requestLimit(1, 1, { chargeRejected: 'requests' })),
      `${'.'.repeat(10)}${'#'.repeat(20)}${'.'.repeat(10)}`,
    ],
    [
      'places, until their requests end',
      picture(
        'a.1 500-2500 200\nb.1 1000-1500 200',
        requestLimit(1, 1, { unit: 'concurrent', spec: { algorithm: 'concurrency', amount: 2 } }),
      ),
      `${'.'.repeat(10)}${'#'.repeat(5)}${'.'.repeat(25)}`,
    ],
    [
      'never during a fault',
      picture('', requestLimit(1, 1), { faults: [{ fromUs: 1e6, untilUs: 2e6, does: { kind: 'reset' } }] as never[] }),
      `${'.'.repeat(10)}${'#'.repeat(10)}${'.'.repeat(20)}`,
    ],
  ])('%s', (_name, seen, expected) => {
    expect(seen).toBe(expected);
  });

  it('an estimate is settled when its request ends', () => {
    const tokens = requestLimit(1, 100, { unit: 'tokens', settle: 'refund' });
    const records = strip('a.1 0-1000 200 cost=100 tokens=20').map((record) =>
      record.type === 'call'
        ? record
        : { ...record, promptTokens: 20, limits: record.limits.map((view) => ({ ...view, unit: 'tokens' as const })) },
    );
    const run = runOf(records, { head: header([tokens]), endMs: 4000 });
    const room = createRoom(run)([{ limit: tokens, bucket: 'requests', cost: 50 }]);
    expect(findHistories(run).get('requests')!.charges[0]).toMatchObject({ cost: 100, actual: 40 });
    expect([room.firstOpenUs(0, 4e6), room.openUs(0, 4e6)]).toEqual([1e6, 3e6]);
  });
});

it('agrees with the limiter at every instant', () => {
  let [open, shut] = [0, 0];
  const limit = requestLimit(3, 4);
  const limiter = createLimiter(limit.spec);
  const originUs = header().generated.startedUs;
  fc.assert(
    fc.property(fc.array(fc.nat(3000), { minLength: 15, maxLength: 25 }), fc.nat(3000), (offeredMs, askedMs) => {
      let state = limiter.initial(originUs);
      let before = state;
      const taken: number[] = [];
      for (const ms of offeredMs.toSorted((a, b) => a - b)) {
        if (!limiter.check(state, originUs + ms * 1000, 1).admit) continue;
        state = limiter.charge(state, originUs + ms * 1000, 1);
        if (ms <= askedMs) before = state;
        taken.push(ms);
      }
      const run = runOf(strip(taken.map((ms, n) => `a${n}.1 ${ms}-${ms} 200`).join('\n')), {
        endMs: 5000,
        head: header([limit]),
      });
      const room = createRoom(run)([{ limit, bucket: 'requests', cost: 1 }]);
      const isOpen = room.firstOpenUs(askedMs * 1000, askedMs * 1000 + 1) !== undefined;
      expect(isOpen).toBe(limiter.check(before, originUs + askedMs * 1000, 1).admit);
      if (isOpen) open++;
      else shut++;
    }),
  );
  expect(Math.min(open, shut)).toBeGreaterThan(0);
});
