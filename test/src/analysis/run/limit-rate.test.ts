import { describe, expect, it } from 'vitest';
import { latenessUs, toleranceUs } from '../../../../src/analysis/judging/tolerance.ts';
import { computeLimitRates, findTightestRate } from '../../../../src/analysis/run/limit-rate.ts';
import { maxByChance } from '../../../../src/analysis/statistics/chance.ts';
import type { AttemptRecord } from '../../../../src/journal/call-records.ts';
import type { Scenario } from '../../../../src/scenario/scenario.ts';
import { header, requestLimit, runOf, strip } from '../strip.ts';

const requests = requestLimit(5, 10);
const tokens = requestLimit(1000, 3000, { name: 'tokens', unit: 'tokens' });
const places = requestLimit(1, 1, {
  name: 'places',
  unit: 'concurrent',
  spec: { algorithm: 'concurrency', amount: 3 },
});

/** A run of one attempt per list entry, charged to these limits: name, bucket, cost. */
function charged(views: readonly (readonly [string, string, number])[][], limits = [requests, tokens, places]) {
  const text = views.map((_, n) => `a${n}.1 ${n}-${n + 5} 200`).join('\n');
  const records = strip(text).map((record) => {
    if (record.type === 'call') return record;
    const limitViews = views[record.id - 1]!.map(([limit, bucket, cost]): AttemptRecord['limits'][number] => ({
      limit,
      bucket,
      unit: 'requests',
      cost,
      admit: true,
      before: 9,
      after: 9 - cost,
    }));
    return { ...record, limits: limitViews };
  });
  return runOf(records, { head: header(limits) });
}

describe('limit rates, in requests of median cost', () => {
  it('divides by the median cost and sums over buckets', () => {
    const run = charged([
      [
        ['requests', 'r', 1],
        ['tokens', 'key 1', 100],
      ],
      [
        ['requests', 'r', 1],
        ['tokens', 'key 2', 200],
      ],
      [
        ['requests', 'r', 1],
        ['tokens', 'key 1', 900],
      ],
    ]);
    expect(computeLimitRates(run)).toEqual([
      { limit: 'requests', perSecond: 5, burst: 10, cost: 1 },
      { limit: 'tokens', perSecond: (2 * 1000) / 200, burst: (2 * 3000) / 200, cost: 200 },
    ]);
    expect(findTightestRate(run)).toMatchObject({ limit: 'requests' });
  });

  it.each([
    [[4, 2], 3],
    [[2, 2, 8, 8], 5],
    [[8, 8, 2], 8],
    [[1, 9, 9, 9, 4], 9],
    [[1, 1, 1, 9], 1],
  ])('costs of %j have the median %d', (costs, usual) => {
    const run = charged(costs.map((cost) => [['requests', 'r', cost] as const]));
    expect(computeLimitRates(run)).toMatchObject([{ cost: usual }]);
  });

  it('findTightestRate returns the lowest rate; on a tie, the first', () => {
    const both = charged([
      [
        ['requests', 'r', 1],
        ['tokens', 't', 500],
      ],
    ]);
    expect(findTightestRate(both)).toMatchObject({ limit: 'tokens', perSecond: 2 });
    const alike = charged([
      [
        ['requests', 'r', 1],
        ['tokens', 't', 200],
      ],
    ]);
    expect(findTightestRate(alike)).toMatchObject({ limit: 'requests', perSecond: 5 });
  });

  it('ignores limits without charges and concurrency limits', () => {
    const run = charged([
      [
        ['requests', 'r', 0],
        ['places', 'p', 1],
      ],
    ]);
    expect(computeLimitRates(run)).toEqual([]);
    expect(findTightestRate(run)).toBeUndefined();
    const once = charged([[['requests', 'r', 0]], [['requests', 's', 2]]]);
    expect(computeLimitRates(once)).toEqual([{ limit: 'requests', perSecond: 2.5, burst: 5, cost: 2 }]);
  });
});

describe('time tolerance', () => {
  /** A run whose calls start this late. */
  const late = (time: Scenario['time'], latenessMs: readonly number[]) =>
    runOf(
      strip(latenessMs.map((_, n) => `a${n}.1 ${1000 + n}-${1005 + n} 200`).join('\n')).map((record) =>
        record.type === 'call'
          ? { ...record, scheduledUs: record.startUs - latenessMs[record.id - 1]! * 1000 }
          : record,
      ),
      { head: { ...header(undefined, time === 'scaled' ? { speed: 60 } : {}), time } },
    );

  it.each([
    ['virtual time: 1 ms', late('virtual', [90, 90]), 1000, 0],
    ['timers on time: 10 ms', late('wall', [0, 0, 0]), 10_000, 0],
    ['timers 4 ms late: still 10 ms', late('wall', [4, 4, 4]), 10_000, 4000],
    ['timers 20 ms late: twice the lateness', late('wall', [20, 20, 20]), 40_000, 20_000],
    ['one late timer: by p(99); the median is on time', late('wall', [0, 0, 100]), 196_000, 0],
    ['no calls', late('wall', []), 10_000, 0],
    ['speed 60: 60 times as much', late('scaled', [0, 0, 0]), 600_000, 0],
    ['speed 60 with late timers: lateness is already scaled', late('scaled', [500, 500, 500]), 1_000_000, 500_000],
  ])('%s', (_name, run, tauUs, usualUs) => {
    expect(toleranceUs(run)).toBeCloseTo(tauUs, 6);
    expect(latenessUs(run)).toBe(usualUs);
  });
});

describe('maxByChance', () => {
  it.each([
    [5, 0.1, 2],
    [10, 0.1, 4],
    [30, 0.1, 7],
    // A coin tossed once or twice can show anything; 7 tosses give at most 6 hits in 99 of 100 runs.
    [1, 0.5, 1],
    [2, 0.5, 2],
    [7, 0.5, 6],
    [100, 0.005, 3],
    [0, 0.5, 0],
  ])('of %i with a probability of %d: %i', (n, probability, max) => {
    expect(maxByChance(n, probability)).toBe(max);
  });
});
