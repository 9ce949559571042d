import { describe, expect, it } from 'vitest';
import { latenessUs, toleranceUs } from '../../../../src/analysis/judging/tolerance.ts';
import { limitRates, tightestRate } from '../../../../src/analysis/run/limit-rate.ts';
import { mostByChance } from '../../../../src/analysis/statistics/chance.ts';
import type { AttemptRecord } from '../../../../src/journal/record.ts';
import type { Scenario } from '../../../../src/scenario/scenario.ts';
import { header, requestLimit, runOf, strip } from '../strip.ts';

const requests = requestLimit(5, 10);
const tokens = requestLimit(1000, 3000, { name: 'tokens', unit: 'tokens' });
const places = requestLimit(1, 1, {
  name: 'places',
  unit: 'concurrent',
  spec: { algorithm: 'concurrency', amount: 3 },
});

/** Three attempts that met these limits: name, bucket, cost. */
function met(sights: readonly (readonly [string, string, number])[][], limits = [requests, tokens, places]) {
  const text = sights.map((_, n) => `a${n}.1 ${n}-${n + 5} 200`).join('\n');
  const records = strip(text).map((record) => {
    if (record.type === 'call') return record;
    const seen = sights[record.id - 1]!.map(([limit, bucket, cost]): AttemptRecord['limits'][number] => ({
      limit,
      bucket,
      unit: 'requests',
      cost,
      admit: true,
      before: 9,
      after: 9 - cost,
    }));
    return { ...record, limits: seen };
  });
  return runOf(records, { head: header(limits) });
}

describe('what the limits let in, in requests such as the run’s', () => {
  it('by what a request usually costs, for all buckets together', () => {
    const run = met([
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
    expect(limitRates(run)).toEqual([
      { limit: 'requests', perSecond: 5, burst: 10, cost: 1 },
      { limit: 'tokens', perSecond: (2 * 1000) / 200, burst: (2 * 3000) / 200, cost: 200 },
    ]);
    expect(tightestRate(run)).toMatchObject({ limit: 'requests' });
  });

  it.each([
    [[4, 2], 3],
    [[2, 2, 8, 8], 5],
    [[8, 8, 2], 8],
    [[1, 9, 9, 9, 4], 9],
    [[1, 1, 1, 9], 1],
  ])('costs of %j are usually %d', (costs, usual) => {
    const run = met(costs.map((cost) => [['requests', 'r', cost] as const]));
    expect(limitRates(run)).toMatchObject([{ cost: usual }]);
  });

  it('the tightest, wherever it stands; of two alike, the first', () => {
    const both = met([
      [
        ['requests', 'r', 1],
        ['tokens', 't', 500],
      ],
    ]);
    expect(tightestRate(both)).toMatchObject({ limit: 'tokens', perSecond: 2 });
    const alike = met([
      [
        ['requests', 'r', 1],
        ['tokens', 't', 200],
      ],
    ]);
    expect(tightestRate(alike)).toMatchObject({ limit: 'requests', perSecond: 5 });
  });

  it('what was not met, costs nothing or is no rate does not count', () => {
    const run = met([
      [
        ['requests', 'r', 0],
        ['places', 'p', 1],
      ],
    ]);
    expect(limitRates(run)).toEqual([]);
    expect(tightestRate(run)).toBeUndefined();
    const once = met([[['requests', 'r', 0]], [['requests', 's', 2]]]);
    expect(limitRates(once)).toEqual([{ limit: 'requests', perSecond: 2.5, burst: 5, cost: 2 }]);
  });
});

describe('how exact moments are', () => {
  /** Calls that began so late. */
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
    ['a clock that jumps: a millisecond', late('virtual', [90, 90]), 1000, 0],
    ['timers on time: ten', late('wall', [0, 0, 0]), 10_000, 0],
    ['timers 4 ms late: ten all the same', late('wall', [4, 4, 4]), 10_000, 4000],
    ['timers 20 ms late: twice that', late('wall', [20, 20, 20]), 40_000, 20_000],
    ['one late timer: by p(99), and the middle is on time', late('wall', [0, 0, 100]), 196_000, 0],
    ['no call', late('wall', []), 10_000, 0],
    ['clocks that run 60 times as fast: 60 times as much', late('scaled', [0, 0, 0]), 600_000, 0],
    ['and lateness, which has it in it already', late('scaled', [500, 500, 500]), 1_000_000, 500_000],
  ])('%s', (_name, run, tauUs, usualUs) => {
    expect(toleranceUs(run)).toBeCloseTo(tauUs, 6);
    expect(latenessUs(run)).toBe(usualUs);
  });
});

describe('the most that chance makes, in all but one of a hundred runs', () => {
  it.each([
    [5, 0.1, 2],
    [10, 0.1, 4],
    [30, 0.1, 7],
    // Tossed once or twice, a coin shows anything; at most 6 of 7 in 99 of 100.
    [1, 0.5, 1],
    [2, 0.5, 2],
    [7, 0.5, 6],
    [100, 0.005, 3],
    [0, 0.5, 0],
  ])('of %i with a probability of %d: %i', (n, probability, most) => {
    expect(mostByChance(n, probability)).toBe(most);
  });
});
