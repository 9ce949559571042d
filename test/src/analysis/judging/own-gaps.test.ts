import { describe, expect, it } from 'vitest';
import { growthOf, meanWaits, type OwnGap, ownGaps, spreadOf } from '../../../../src/analysis/judging/own-gaps.ts';
import { header, runOf, strip } from '../strip.ts';

const head = { ...header(), time: 'virtual' as const };
const run = (text: string) => runOf(strip(text), { head });

describe('ownGaps', () => {
  const gapsOf = (text: string) => ownGaps(run(text)).map(({ retry, gapUs }) => [retry, gapUs / 1000]);

  it.each([
    ['after a refusal', 'a.1 0-10 429\na.2 510-520 200', [[0, 500]]],
    ['after a transient error', 'a.1 0-10 500\na.2 510-520 200', [[0, 500]]],
    ['not after a reply', 'a.1 0-10 200\na.2 510-520 200', []],
    ['after a client error', 'a.1 0-10 400\na.2 510-520 200', [[0, 500]]],
    ['after a reset', 'a.1 0-10 reset\na.2 510-520 200', [[0, 500]]],
    ['after a timeout', 'a.1 0-10 timeout\na.2 510-520 200', [[0, 500]]],
    ['not after an attempt that a later one made needless', 'a.1 0-600 timeout\na.2 510-520 200', []],
    [
      'told 3 s, waited 2 s and 4 s: neither follows what was told',
      'a.1 0-10 429 ra=3000\na.2 2010-2020 429 ra=3000\na.3 6020-6030 200',
      [
        [0, 2000],
        [1, 4000],
      ],
    ],
    [
      'obeys up to a minute, then waits by itself',
      'a.1 0-10 429 ra=59000\na.2 59010-59020 429 ra=61000\na.3 61020-61030 200',
      [[1, 2000]],
    ],
    ['not after the last attempt', 'a.1 0-10 429', []],
    [
      'by position in the call',
      'a.1 0-10 429\na.2 510-520 400\na.3 600-610 429\na.4 1610-1620 200',
      [
        [0, 500],
        [1, 80],
        [2, 1000],
      ],
    ],
    ['Retry-After: 0', 'a.1 0-10 429 ra=0\na.2 11-20 200', [[0, 1]]],
    ['a negative Retry-After', 'a.1 0-10 429 ra=-5000\na.2 11-20 200', [[0, 1]]],
  ] satisfies [string, string, number[][]][])('%s', (_name, text, gaps) => {
    expect(gapsOf(text)).toEqual(gaps);
  });

  it('jitter of up to the requested wait on top of it, by a client that is never early, leaves no wait of its own', () => {
    const text = 'a.1 0-10 429 ra=4000\na.2 4110-4120 429 ra=4000\na.3 11920-11930 429 ra=2000\na.4 14930-14940 200';
    expect(gapsOf(text)).toEqual([]);
    // Equally long ones may be a pause of its own.
    expect(gapsOf('a.1 0-10 429 ra=1000\na.2 1710-1720 429 ra=1000\na.3 3420-3430 200')).toHaveLength(2);
  });

  // With Retry-After 10 s, waits from 2 % below to 50 % above follow it.
  it.each([
    [9799, true],
    [9800, false],
    [10_000, false],
    [15_000, false],
    [15_001, true],
  ])('Retry-After 10 s, own wait of %i ms: %s', (gapMs, own) => {
    expect(gapsOf(`a.1 0-10 429 ra=10000\na.2 ${10 + gapMs}-20000 200`)).toEqual(own ? [[0, gapMs]] : []);
  });

  it.each([
    [18, true],
    [19, false],
    [30, false],
    [31, true],
  ])('Retry-After 20 ms, own wait of %i ms: %s', (gapMs, own) => {
    expect(gapsOf(`a.1 0-10 429 ra=20\na.2 ${10 + gapMs}-200 200`)).toEqual(own ? [[0, gapMs]] : []);
  });

  it('starts at the response head, or at the end of an attempt without one', () => {
    const records = strip('a.1 0-100 429\na.2 600-610 200');
    const withHead = (headersUs: number | undefined) =>
      records.map((record) => {
        if (record.type === 'call' || record.id !== 1) return record;
        const { headersUs: _, ...rest } = record;
        return { ...rest, ...(headersUs !== undefined && { headersUs }) };
      });
    expect(ownGaps(runOf(withHead(20_000), { head }))[0]!.gapUs).toBe(580_000);
    expect(ownGaps(runOf(withHead(undefined), { head }))[0]!.gapUs).toBe(500_000);
  });
});

/** Waits in milliseconds, by retry. */
const gaps = (...byRetry: readonly (readonly number[])[]): OwnGap[] =>
  byRetry.flatMap((own, retry) => own.map((ms) => ({ retry, gapUs: ms * 1000 }) as OwnGap));

describe('spreadOf', () => {
  it.each([
    // The longest is trimmed: 900 and 1100 remain, with a deviation of 141.
    ['trims one late timer', gaps([900, 1100, 9000]), 3, 3, Math.sqrt(0.02)],
    ['equal waits', gaps([500, 500, 500]), 3, 3, 0],
    ['growing but equal waits', gaps([500, 500, 500], [1000, 1000, 1000]), 6, 3, 0],
    ['pooled by degrees of freedom', gaps([900, 1100, 9000], [2000, 2000, 2000, 2000]), 7, 4, Math.sqrt(0.02 / 3)],
    ['ignores a retry with too few waits', gaps([900, 1100, 9000], [7, 700]), 5, 3, Math.sqrt(0.02)],
    ['ignores a retry without any wait', gaps([900, 1100, 9000], [0, 0, 0, 5]), 7, 4, Math.sqrt(0.02)],
  ])('%s', (_name, own, n, largest, cv) => {
    const spread = spreadOf(own)!;
    expect(spread).toMatchObject({ n, largest });
    expect(spread.cv).toBeCloseTo(cv, 9);
  });

  it('trims 5 % of many waits in any order', () => {
    const mixed = [5000, 1000, 6000, ...Array.from({ length: 37 }, () => 1000)];
    expect(spreadOf(gaps(mixed))!.cv).toBe(0);
    expect(spreadOf(gaps([7000, ...mixed.slice(0, -1)]))!.cv).toBeGreaterThan(0.5);
  });

  it('needs three waits before the same retry', () => {
    expect(spreadOf(gaps([500, 900], [1000, 1500]))).toBeUndefined();
    expect(spreadOf([])).toBeUndefined();
  });
});

describe('growth of waits', () => {
  it.each([
    ['doubling', gaps([500], [1000], [2000]), 2],
    ['no growth', gaps([700, 700], [700], [700]), 1],
    ['shrinking', gaps([800], [400]), 0.5],
    ['by the mean of each retry', gaps([400, 600], [1400, 1600]), 3],
    // The slope of ln 1, ln 8, ln 4 over 0, 1, 2 is ln 2.
    ['by least squares', gaps([1], [8], [4]), 2],
    ['up to a cap', gaps([250], [500], [1000], [2000], [2000], [1950], [2050], [2000]), 2],
    ['jitter is no cap', gaps([1000], [1200], [1200], [1000]), 1],
    ['independent of the number of waits', gaps([500, 500, 500, 500], [1000]), 2],
    ['a missing retry counts as a step', gaps([500], [], [2000]), 2],
    ['a wait of 0 counts as 1 us', gaps([0], [0.001], [0]), 1],
    ['one retry only', gaps([500, 900]), 1],
  ])('%s', (_name, own, growth) => {
    expect(growthOf([own])).toBeCloseTo(growth, 9);
    expect(growthOf([own.toReversed()])).toBeCloseTo(growth, 9);
  });

  it('means are ordered by retry', () => {
    const own = gaps([400, 600], [1500]);
    const means = [
      { retry: 0, meanUs: 500_000, n: 2 },
      { retry: 1, meanUs: 1_500_000, n: 1 },
    ];
    expect(meanWaits([own])).toEqual(means);
    expect(meanWaits([own.toReversed()])).toEqual(means);
  });
});
