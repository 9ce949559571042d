import { describe, expect, it } from 'vitest';
import { randomFor } from '../../../../mock-server/random.ts';
import {
  bootstrapInterval,
  differenceInterval,
  shareInterval,
  variationInterval,
} from '../../../../src/analysis/statistics/interval.ts';
import { mean } from '../../../../src/analysis/statistics/percentile.ts';

const Z = 1.6449;

describe('shareInterval', () => {
  it.each([
    [1, 10],
    [5, 10],
    [9, 10],
    [3, 7],
    [40, 200],
  ])('%i of %i: each end is Z standard errors from the share, computed at that end (Wilson)', (hits, n) => {
    const { low, high, confidence } = shareInterval(hits, n);
    expect(confidence).toBe(0.9);
    expect(low).toBeLessThan(hits / n);
    expect(high).toBeGreaterThan(hits / n);
    for (const end of [low, high])
      expect(Math.abs(end - hits / n)).toBeCloseTo(Z * Math.sqrt((end * (1 - end)) / n), 9);
  });

  it('0 and n hits stay within 0 to 1 and have a width', () => {
    const none = shareInterval(0, 10);
    expect(none.low).toBe(0);
    expect(none.high).toBeCloseTo(Z ** 2 / (10 + Z ** 2), 9);
    const all = shareInterval(10, 10);
    expect(all.low).toBeCloseTo(10 / (10 + Z ** 2), 9);
    expect(all.high).toBe(1);
  });
});

describe('variationInterval', () => {
  it.each([
    [0.3, 50, 0.3 - 0.0536, 0.3 + 0.0536],
    [0.3, 200, 0.3 - 0.0268, 0.3 + 0.0268],
    [1, 2, 0, 2.4245],
    [0, 10, 0, 0],
  ])('%d over %i values: %d to %d', (cv, n, low, high) => {
    const interval = variationInterval(cv, n);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
    expect(interval.confidence).toBe(0.9);
  });
});

describe('bootstrapInterval', () => {
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n + 1);

  it('needs two items', () => {
    expect(bootstrapInterval([], mean)).toBeUndefined();
    expect(bootstrapInterval([5], mean)).toBeUndefined();
    expect(bootstrapInterval([5, 7], mean)).toEqual({ low: 5, high: 7, confidence: 0.9 });
  });

  it('is deterministic on every machine', () => {
    expect(bootstrapInterval(upTo(10), mean)).toEqual({ low: 4.1, high: 6.7, confidence: 0.9 });
  });

  it('is the 5th to 95th percentile of 200 resamples, NaN excluded', () => {
    const counting = (skipped: (sample: number) => boolean) => {
      let sample = 0;
      return bootstrapInterval([1, 2], () => (skipped(++sample) ? Number.NaN : 1000 - sample));
    };
    // The 200 figures are 800 to 999; then only the even ones of them.
    expect(counting(() => false)).toMatchObject({ low: 810, high: 989 });
    expect(counting((sample) => sample % 2 === 1)).toMatchObject({ low: 810, high: 988 });
    expect(counting(() => true)).toBeUndefined();
  });

  it('resamples all items with replacement', () => {
    const sizes = new Set<number>();
    const distinct: number[] = [];
    bootstrapInterval(upTo(50), (items) => {
      sizes.add(items.length);
      distinct.push(new Set(items).size);
      return 0;
    });
    expect([...sizes]).toEqual([50]);
    // The last call is the estimate over all items.
    expect(distinct.splice(-1)).toEqual([50]);
    expect(Math.max(...distinct)).toBeLessThan(45);
    expect(Math.min(...distinct)).toBeGreaterThan(20);
  });

  it('uses all of 1,000 items, and a subsample of 1,000 of more', () => {
    const drawnFrom = (count: number) => {
      const drawn = new Set<number>();
      let maxSize = 0;
      bootstrapInterval(upTo(count), (items) => {
        if (items.length === 1000) for (const item of items) drawn.add(item);
        maxSize = Math.max(maxSize, items.length);
        return 0;
      });
      return { drawn: drawn.size, maxSize };
    };
    expect(drawnFrom(1000)).toEqual({ drawn: 1000, maxSize: 1000 });
    // One call is the estimate over all 4,000 items.
    const many = drawnFrom(4000);
    expect(many.maxSize).toBe(4000);
    expect(many.drawn).toBeGreaterThan(800);
    expect(many.drawn).toBeLessThanOrEqual(1000);
  });

  it('of a subsample has the theoretical width, centred on the estimate', () => {
    const random = randomFor(1, 'interval-test');
    const items = Array.from({ length: 9000 }, () => 100 + random());
    const { low, high, confidence } = bootstrapInterval(items, mean)!;
    // The standard error of the mean of 9,000 uniform numbers in a range of width 1.
    const half = (Z * Math.sqrt(1 / 12)) / Math.sqrt(9000);
    expect((high - low) / 2 / half).toBeGreaterThan(0.8);
    expect((high - low) / 2 / half).toBeLessThan(1.2);
    expect(Math.abs((high + low) / 2 - mean(items))).toBeLessThan(half / 3);
    expect(confidence).toBe(0.9);
  });
});

describe('differenceInterval', () => {
  const low = [10, 11, 12, 13, 14];
  const high = [20, 22, 24, 26];

  it('is second minus first; swapping mirrors it', () => {
    const up = differenceInterval(low, high)!;
    expect(up.low).toBeGreaterThan(8);
    expect(up.low).toBeLessThan(11);
    expect(up.high).toBeGreaterThan(11);
    expect(up.high).toBeLessThan(14);
    expect(differenceInterval(high, low)).toEqual({ low: -up.high, high: -up.low, confidence: 0.9 });
    expect(differenceInterval(low, high)).toEqual(up);
  });

  it('has the theoretical width for both sample sizes', () => {
    const random = randomFor(2, 'interval-test');
    const of = (count: number, base: number) => Array.from({ length: count }, () => base + random());
    const { low: from, high: to } = differenceInterval(of(400, 0), of(100, 5))!;
    const half = Z * Math.sqrt(1 / 12 / 400 + 1 / 12 / 100);
    expect((to - from) / 2 / half).toBeGreaterThan(0.8);
    expect((to - from) / 2 / half).toBeLessThan(1.25);
  });

  it('needs two values on at least one side', () => {
    expect(differenceInterval([3], [5, 7])).toEqual({ low: 2, high: 4, confidence: 0.9 });
    expect(differenceInterval([5, 7], [3])).toEqual({ low: -4, high: -2, confidence: 0.9 });
    expect(differenceInterval([3], [5])).toBeUndefined();
    expect(differenceInterval([], [5])).toBeUndefined();
    expect(differenceInterval([3, 3], [5, 5])).toEqual({ low: 2, high: 2, confidence: 0.9 });
  });
});
