import { describe, expect, it } from 'vitest';
import { computeBucketLevels } from '../../../../src/analysis/series/bucket-levels.ts';
import { computeLatencyGrid } from '../../../../src/analysis/series/latency-grid.ts';
import { createLevelLine } from '../../../../src/analysis/series/level-line.ts';
import { computeLoadSeries, type LoadBin } from '../../../../src/analysis/series/load-series.ts';
import { timeBins } from '../../../../src/analysis/series/time-bins.ts';
import { computeWaits } from '../../../../src/analysis/series/waits.ts';
import { header, repeated, requestLimit, runOf, strip } from '../strip.ts';

const S = 1_000_000;

describe('time bins', () => {
  it.each([
    ['five a second for five minutes', 300, 1500, 2],
    ['20 a second for an hour', 3600, 72_000, 30],
    ['one each ten seconds for ten minutes: no zigzag of 0 and 1', 600, 60, 60],
    ['24 a minute for an hour, then nothing for ten', 39_600, 1440, 300],
    ['a handful in a minute', 60, 5, 5],
  ])('%s', (_, seconds, events, lengthS) => {
    expect(timeBins(seconds * S, events, { most: 200, perBin: 8 }).lengthS).toBe(lengthS);
  });

  it('the last bin is never a partial one: what comes after the last whole bin is in it', () => {
    const bins = timeBins(3603 * S, 72_000, { most: 200, perBin: 8 });
    expect([bins.lengthS, bins.count]).toEqual([30, 120]);
    expect([bins.indexAt(3602 * S), bins.startS(119), bins.spanS(119), bins.spanS(0)]).toEqual([119, 3570, 33, 30]);
  });

  it('a run without length has one bin', () => {
    expect(timeBins(0, 0, { most: 200, perBin: 8 }).count).toBe(1);
  });
});

describe('load over time', () => {
  const run = runOf(
    strip(`
      a.1 0-20 429 ra=1000
      a.2 1100-1200 200
      b.1 400-420 503 fault=status
      c.1 900-950 reset
      d.1 1300-1300 200
    `),
    { endMs: 2000 },
  );

  it('every request is in one bin and has one ending', () => {
    const { whole } = computeLoadSeries(run);
    const endings = ({ admitted, refused, byGateway, failed }: LoadBin): number =>
      admitted + refused + byGateway + failed;
    for (const bin of whole.bins) expect(endings(bin)).toBe(bin.sent);
    expect(whole.bins.reduce((sum, { sent }) => sum + sent, 0)).toBe(whole.total.sent);
    expect(whole.total).toEqual({ sent: 5, first: 4, admitted: 2, refused: 1, byGateway: 0, failed: 2 });
    expect([whole.calls, whole.callsFailed]).toEqual([4, 2]);
  });

  it('each of several loads has its own requests, and together they have all', () => {
    const load = (name: string) => ({
      executor: 'constant-vus' as const,
      name,
      vus: 1,
      durationUs: S,
      wait: { kind: 'none' as const },
      startUs: 0,
      gracefulStopUs: 0,
    });
    const head = header([requestLimit(5, 5)], { load: [load('one'), load('two')] });
    const several = runOf(strip('a.1 0-10 429 ra=9\na.2 100-110 200\nb.1 0-10 200\n=> a vu=1\n=> b vu=2'), { head });
    const { loads, whole } = computeLoadSeries(several);
    expect(loads.map(({ name, total }) => [name, total.sent])).toEqual([
      ['one', 2],
      ['two', 1],
    ]);
    expect(whole.total.sent).toBe(3);
  });
});

describe('latency grid', () => {
  const run = runOf(repeated('a.1 0-100 200', 90, 100).concat(strip('z.1 5000-5900 429')), { endMs: 10_000 });

  it('has every ended call in one cell and one column, with the percentiles of the metrics', () => {
    const grid = computeLatencyGrid(run);
    expect(grid.cells.reduce((sum, { calls }) => sum + calls, 0)).toBe(grid.calls);
    expect(grid.perColumn.reduce((sum, { calls }) => sum + calls, 0)).toBe(grid.calls);
    expect(grid).toMatchObject({ p50Us: 100_000, mostUs: 900_000, failed: 1 });
    for (const { fromUs, toUs } of grid.cells) expect(toUs / fromUs).toBeCloseTo(10 ** (1 / 12), 6);
  });

  it('has at most 120 columns, however long the run', () => {
    const long = runOf(repeated('a.1 0-100 200', 5000, 100), { endMs: 500_000 });
    expect(computeLatencyGrid(long).columns.count).toBeLessThanOrEqual(120);
    expect(computeLatencyGrid(long).cells.length).toBeLessThanOrEqual(120);
  });
});

describe('waits', () => {
  it('compare each retry with what its refusal told, in cells that count', () => {
    const run = runOf(
      strip(`
        a.1 0-10 429 ra=2000
        a.2 510-520 429 ra=2000
        a.3 2530-2540 200
        b.1 0-10 429 ra=1000
        b.2 5010-5020 200
        c.1 0-10 429
        c.2 100-110 200
      `),
    );
    const waits = computeWaits(run);
    expect(waits).toMatchObject({ retries: 4, told: 3, early: 1, late: 1, retryAfterUs: { min: S, max: 2 * S } });
    expect(waits.cells.reduce((sum, { retries }) => sum + retries, 0)).toBe(4);
    expect(waits.byTry.map(({ number, retries }) => [number, retries])).toEqual([
      [1, 3],
      [2, 1],
    ]);
  });

  it('thousands of equal retries are one cell', () => {
    const run = runOf(repeated('a.1 0-10 429 ra=1000\na.2 1010-1200 200', 5000, 20));
    expect(computeWaits(run).cells).toEqual([{ retryAfterUs: S, waitedUs: S, retries: 5000 }]);
  });
});

describe('how long a bucket was used up', () => {
  it('a refused request tells when the next is let in', () => {
    const run = runOf(
      strip(`
        a.1 0-10 200 before=1 cost=1
        b.1 100-110 429 before=0 admitAt=1000
        c.1 4000-4010 200 before=1 cost=1
      `),
      { head: header([requestLimit(1, 1)]), endMs: 10_000 },
    );
    const [levels] = computeBucketLevels(run);
    expect(levels!.usedUpShare).toBeCloseTo(0.2, 2);
    expect(levels).toMatchObject({ limit: 'requests', requests: 3, leastShare: 0 });
  });

  it('of several buckets, the scarcest comes first', () => {
    const records = strip('a.1 0-10 200 before=9 cost=1\nb.1 0-10 200 before=1 cost=1').map((record) =>
      record.type === 'attempt' && record.call === 2
        ? { ...record, limits: record.limits.map((view) => ({ ...view, bucket: 'requests[key=b]' })) }
        : record,
    );
    const run = runOf(records, { head: header([requestLimit(1, 10)]), endMs: 2000 });
    expect(computeBucketLevels(run).map(({ bucket }) => bucket)[0]).toBe('requests[key=b]');
  });
});

describe('a level line', () => {
  it('of few changes keeps them all', () => {
    const line = createLevelLine(10 * S);
    for (let second = 0; second <= 10; second++) line.add(second * S, second % 3);
    expect(line.points()).toHaveLength(11);
  });

  it('of many changes is a band from the lowest to the highest level, also where no change falls', () => {
    const line = createLevelLine(240 * S);
    for (let n = 0; n < 24_000; n++) line.add(n * 5000, n % 100 === 37 ? 9 : 1);
    line.add(240 * S, 1);
    expect(line.points()).toBeUndefined();
    expect(line.band()).toHaveLength(240);
    expect(line.band()[10]).toMatchObject({ low: 1, high: 9 });
    expect(line.band()[200]).toMatchObject({ low: 1, high: 1 });
  });
});
