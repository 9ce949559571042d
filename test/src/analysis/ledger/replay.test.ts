import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Limit } from '../../../../mock-server/admission/limit.ts';
import { createLimiter } from '../../../../mock-server/limiter/create-limiter.ts';
import { createReader } from '../../../../src/analysis/ledger/needs.ts';
import { createReplay } from '../../../../src/analysis/ledger/replay.ts';
import type { Attempt, Run } from '../../../../src/analysis/run/run-view.ts';
import type { AttemptRecord } from '../../../../src/journal/call-records.ts';
import { header, requestLimit, runOf, strip } from '../strip.ts';

/** Replays a timeline; the returned function places the last attempt of a call. */
function replay(text: string, limits: readonly Limit[], change = (record: AttemptRecord): AttemptRecord => record) {
  const records = strip(text).map((record) => (record.type === 'attempt' ? change(record) : record));
  const run = runOf(records, { head: header(limits) });
  const played = createReplay(run);
  const names = [...new Set([...text.matchAll(/^\s*(\w+)\.\d/gm)].map(([, name]) => name!))];
  return (name: string, untilMs: number): number | undefined => {
    const last = lastOf(run, names.indexOf(name) + 1);
    const us = played.place(createReader(run)(last), last.endUs, untilMs * 1000);
    return us === undefined ? undefined : us / 1000;
  };
}

const lastOf = (run: Run, call: number): Attempt => run.attempts.filter((one) => one.call === call).at(-1)!;

describe('one request per second: a takes the token of second 0, b is refused', () => {
  const one = [requestLimit(1, 1)];

  it('places b when the next token is refilled', () => {
    expect(replay('a.1 0-5 200\nb.1 0-10 429', one)('b', 5000)).toBe(1000);
  });

  it('places b only until untilUs, to the millisecond', () => {
    expect(replay('a.1 0-5 200\nb.1 0-10 429', one)('b', 1000)).toBe(1000);
    expect(replay('a.1 0-5 200\nb.1 0-10 429', one)('b', 999)).toBeUndefined();
  });

  it('does not place b before its refusal ended', () => {
    expect(replay('a.1 0-5 200\nb.1 0-3500 429', one)('b', 5000)).toBe(3500);
  });

  it('does not take the token of an admitted attempt', () => {
    expect(replay('a.1 0-5 200\nb.1 0-10 429\nc.1 1000-1005 200', one)('b', 5000)).toBe(2000);
    expect(replay('a.1 0-5 200\nb.1 0-10 429\nc.1 1500-1505 200', one)('b', 5000)).toBe(2500);
    expect(replay('a.1 0-5 200\nb.1 0-10 429\nc.1 2000-2005 200', one)('b', 5000)).toBe(1000);
    expect(replay('a.1 0-5 200\nb.1 0-10 429\nc.1 1500-1505 200', one)('b', 2499)).toBeUndefined();
  });

  it('reserves the token for a placed attempt', () => {
    const place = replay('a.1 0-5 200\nb.1 0-10 429\nc.1 0-10 429\nd.1 3500-3505 200\ne.1 0-10 429', one);
    expect([place('b', 60_000), place('c', 60_000), place('e', 60_000)]).toEqual([1000, 2000, 4500]);
  });

  it('starts a search where the last one ended, successful or not', () => {
    const place = replay('a.1 0-5 200\nb.1 0-5000 429\nc.1 0-10 429\nd.1 0-10 429', one);
    expect([place('b', 60_000), place('c', 60_000)]).toEqual([5000, 6000]);
    expect([place('d', 6500), place('d', 60_000)]).toEqual([undefined, 7000]);
  });

  it('a charged refusal takes a token', () => {
    const charged = [requestLimit(1, 1, { chargeRejected: 'requests' })];
    expect(replay('a.1 0-5 200\nb.1 0-10 429', charged)('b', 5000)).toBe(2000);
  });

  it('a token limit charges refusals only with `all`', () => {
    for (const [chargeRejected, atMs] of [
      ['none', 1000],
      ['requests', 1000],
      ['all', 2000],
    ] as const) {
      const tokens = [requestLimit(1, 1, { unit: 'tokens', chargeRejected })];
      expect(replay('a.1 0-5 200\nb.1 0-10 429', tokens)('b', 5000)).toBe(atMs);
    }
  });

  it('a charged refusal before the refill delays the placement', () => {
    const charged = [requestLimit(1, 1, { chargeRejected: 'requests' })];
    expect(replay('a.1 0-5 200\nb.1 0-10 429\nc.1 1500-1505 429', charged)('b', 5000)).toBe(3000);
  });

  it('a refused attempt may lose its capacity', () => {
    const charged = [requestLimit(1, 1, { chargeRejected: 'requests' })];
    // c was refused at 2.1 s by another limit, but still took a token.
    expect(replay('a.1 0-5 200\nb.1 0-10 429\nc.1 2100-2105 429', charged)('b', 5000)).toBe(2000);
  });
});

describe('several limits', () => {
  const limits = [requestLimit(1, 1), requestLimit(1, 10, { name: 'tokens', unit: 'tokens' })];
  const view = ({ status }: AttemptRecord) => ({ admit: status === 200, before: 0, after: 0 });
  const both = (cost: number) => (record: AttemptRecord) => ({
    ...record,
    limits: [
      { ...view(record), limit: 'requests', bucket: 'requests', unit: 'requests' as const, cost: 1 },
      { ...view(record), limit: 'tokens', bucket: 'tokens', unit: 'tokens' as const, cost },
    ],
  });

  it('place an attempt when all limits have capacity', () => {
    expect(replay('a.1 0-5 200\nb.1 0-10 429', limits, both(7))('b', 60_000)).toBe(4000);
    expect(replay('a.1 0-5 200\nb.1 0-10 429', limits, both(7))('b', 3999)).toBeUndefined();
    expect(replay('a.1 0-5 200\nb.1 0-10 429', limits, both(5))('b', 60_000)).toBe(1000);
  });

  it('continue the search if one limit loses its capacity', () => {
    const timeline = 'a.1 0-5 200\nb.1 0-10 429\nc.1 4000-4005 200';
    const change = (record: AttemptRecord) => (record.id === 3 ? record : both(7)(record));
    expect(replay(timeline, limits, change)('b', 60_000)).toBe(5000);
    expect(replay(timeline, limits, change)('b', 4500)).toBeUndefined();
  });

  it('keep the reservation of all limits when another attempt needs fewer', () => {
    const timeline = 'a.1 0-5 200\nb.1 0-10 429\nc.1 3400-3500 429';
    const place = replay(timeline, limits, (record) => (record.id === 3 ? record : both(7)(record)));
    expect([place('b', 60_000), place('c', 60_000)]).toEqual([4000, 5000]);
  });

  it('ignore concurrency limits and unknown limits', () => {
    const places = requestLimit(1, 1, {
      name: 'places',
      unit: 'concurrent',
      spec: { algorithm: 'concurrency', amount: 1 },
    });
    const held = (record: AttemptRecord) => ({
      ...record,
      limits: [
        ...record.limits,
        { ...view(record), limit: 'places', bucket: 'places', unit: 'concurrent' as const, cost: 1 },
        { ...view(record), limit: 'gone', bucket: 'gone', unit: 'requests' as const, cost: 1 },
      ],
    });
    expect(replay('a.1 0-5 200\nb.1 0-10 429', [requestLimit(1, 1), places], held)('b', 60_000)).toBe(1000);
    expect(replay('a.1 0-5 200\nb.1 0-10 429', [places], held)('b', 60_000)).toBeUndefined();
  });
});

it('place() agrees with a brute-force search at millisecond steps', () => {
  const limit = requestLimit(10, 2);
  const limiter = createLimiter(limit.spec);
  const originMs = header().generated.startedUs / 1000;
  /** Returns whether all these requests, in order of time, are admitted. */
  const allPass = (timesMs: readonly number[]): boolean => {
    let state = limiter.initial(originMs * 1000);
    return timesMs.every((ms) => {
      const nowUs = (originMs + ms) * 1000;
      const { admit } = limiter.check(state, nowUs, 1);
      state = limiter.charge(state, nowUs, 1);
      return admit;
    });
  };
  let placed = 0;
  let crowdedOut = 0;
  fc.assert(
    fc.property(
      fc.array(
        fc.nat(30).map((tens) => tens * 20),
        { minLength: 1, maxLength: 12 },
      ),
      fc.array(fc.nat(600), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 300, max: 900 }),
      (offeredMs, refusedMs, untilMs) => {
        const taken: number[] = [];
        for (const ms of offeredMs.toSorted((a, b) => a - b)) if (allPass([...taken, ms])) taken.push(ms);
        const timeline = [
          ...taken.map((ms, n) => `a${n}.1 ${ms}-${ms} 200`),
          ...refusedMs.map((ms, n) => `r${n}.1 ${ms}-${ms} 429`),
        ];
        const place = replay(timeline.join('\n'), [limit]);
        let fromMs = 0;
        for (const [n, ms] of refusedMs.entries()) {
          fromMs = Math.max(fromMs, ms);
          let expected: number | undefined;
          for (let tryMs = fromMs; tryMs <= untilMs && expected === undefined; tryMs++) {
            // At equal times, the placed attempt comes last.
            const order = [...taken, tryMs].sort((a, b) => a - b);
            if (allPass(order)) expected = tryMs;
          }
          expect(place(`r${n}`, untilMs)).toBe(expected);
          fromMs = Math.max(fromMs, expected ?? untilMs);
          if (expected === undefined) crowdedOut++;
          else placed++;
          if (expected !== undefined) taken.push(expected);
          taken.sort((a, b) => a - b);
        }
      },
    ),
    { numRuns: 100 },
  );
  expect(placed).toBeGreaterThan(0);
  expect(crowdedOut).toBeGreaterThan(0);
});
