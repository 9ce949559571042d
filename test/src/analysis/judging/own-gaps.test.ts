import { describe, expect, it } from 'vitest';
import { growthOf, meanWaits, type OwnGap, ownGaps, spreadOf } from '../../../../src/analysis/judging/own-gaps.ts';
import { header, runOf, strip } from '../strip.ts';

const head = { ...header(), time: 'virtual' as const };
const run = (text: string) => runOf(strip(text), { head });

describe('waits of the client’s own', () => {
  const gapsOf = (text: string) => ownGaps(run(text)).map(({ retry, gapUs }) => [retry, gapUs / 1000]);

  it.each([
    ['after a refusal', 'a.1 0-10 429\na.2 510-520 200', [[0, 500]]],
    ['after a fault that passes', 'a.1 0-10 500\na.2 510-520 200', [[0, 500]]],
    ['not after an answer', 'a.1 0-10 200\na.2 510-520 200', []],
    ['not after a mistake', 'a.1 0-10 400\na.2 510-520 200', []],
    ['none after the last', 'a.1 0-10 429', []],
    [
      'each by its place in the call, whatever came between',
      'a.1 0-10 429\na.2 510-520 400\na.3 600-610 429\na.4 1610-1620 200',
      [
        [0, 500],
        [2, 1000],
      ],
    ],
    ['told nothing by 0', 'a.1 0-10 429 ra=0\na.2 11-20 200', [[0, 1]]],
    ['told less than nothing', 'a.1 0-10 429 ra=-5000\na.2 11-20 200', [[0, 1]]],
  ] satisfies [string, string, number[][]][])('%s', (_name, text, gaps) => {
    expect(gapsOf(text)).toEqual(gaps);
  });

  // Told ten seconds, it obeys from a fiftieth less up to half as much again.
  it.each([
    [9799, true],
    [9800, false],
    [10_000, false],
    [15_000, false],
    [15_001, true],
  ])('told 10 s, a wait of %i ms is its own: %s', (gapMs, own) => {
    expect(gapsOf(`a.1 0-10 429 ra=10000\na.2 ${10 + gapMs}-20000 200`)).toEqual(own ? [[0, gapMs]] : []);
  });

  it.each([
    [18, true],
    [19, false],
    [30, false],
    [31, true],
  ])('told 20 ms, a wait of %i ms is its own: %s', (gapMs, own) => {
    expect(gapsOf(`a.1 0-10 429 ra=20\na.2 ${10 + gapMs}-200 200`)).toEqual(own ? [[0, gapMs]] : []);
  });

  it('begins with the head of the answer, or with the end where there was none', () => {
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

describe('how waits are spread', () => {
  it.each([
    // The longest is left out: of 900, 1100, 9000 remain two whose deviation is 141 of 1000.
    ['one late timer left out', gaps([900, 1100, 9000]), 3, 3, Math.sqrt(0.02)],
    ['alike', gaps([500, 500, 500]), 3, 3, 0],
    ['by retry: growing waits that are alike each time', gaps([500, 500, 500], [1000, 1000, 1000]), 6, 3, 0],
    [
      'pooled over retries by their freedom',
      gaps([900, 1100, 9000], [2000, 2000, 2000, 2000]),
      7,
      4,
      Math.sqrt(0.02 / 3),
    ],
    ['a retry with too few counts for nothing', gaps([900, 1100, 9000], [7, 700]), 5, 3, Math.sqrt(0.02)],
    ['a retry without any wait too', gaps([900, 1100, 9000], [0, 0, 0, 5]), 7, 4, Math.sqrt(0.02)],
  ])('%s', (_name, own, n, largest, cv) => {
    const spread = spreadOf(own)!;
    expect(spread).toMatchObject({ n, largest });
    expect(spread.cv).toBeCloseTo(cv, 9);
  });

  it('one in twenty is left out of many, given in any order', () => {
    const mixed = [5000, 1000, 6000, ...Array.from({ length: 37 }, () => 1000)];
    expect(spreadOf(gaps(mixed))!.cv).toBe(0);
    expect(spreadOf(gaps([7000, ...mixed.slice(0, -1)]))!.cv).toBeGreaterThan(0.5);
  });

  it('two of a kind are too few, and none', () => {
    expect(spreadOf(gaps([500, 900], [1000, 1500]))).toBeUndefined();
    expect(spreadOf([])).toBeUndefined();
  });
});

describe('how waits grow', () => {
  it.each([
    ['doubling', gaps([500], [1000], [2000]), 2],
    ['never', gaps([700, 700], [700], [700]), 1],
    ['shrinking', gaps([800], [400]), 0.5],
    ['by the mean of each retry', gaps([400, 600], [1400, 1600]), 3],
    // The slope of ln 1, ln 8, ln 4 over 0, 1, 2 is ln 2.
    ['by least squares', gaps([1], [8], [4]), 2],
    ['whatever the number of each', gaps([500, 500, 500, 500], [1000]), 2],
    ['a retry left out counts as a step', gaps([500], [], [2000]), 2],
    ['no wait at all counts as a microsecond', gaps([0], [0.001], [0]), 1],
    ['one retry only', gaps([500, 900]), 1],
  ])('%s', (_name, own, growth) => {
    expect(growthOf([own])).toBeCloseTo(growth, 9);
    expect(growthOf([own.toReversed()])).toBeCloseTo(growth, 9);
  });

  it('means stand in the order of retries, whatever came first', () => {
    const own = gaps([400, 600], [1500]);
    const means = [
      { retry: 0, meanUs: 500_000, n: 2 },
      { retry: 1, meanUs: 1_500_000, n: 1 },
    ];
    expect(meanWaits([own])).toEqual(means);
    expect(meanWaits([own.toReversed()])).toEqual(means);
  });
});
