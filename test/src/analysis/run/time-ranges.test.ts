import { describe, expect, it } from 'vitest';
import { createOpenCounter, findPeak } from '../../../../src/analysis/run/open-at.ts';
import { mergeRanges, subtractRanges, type TimeRange } from '../../../../src/analysis/run/time-ranges.ts';

const ranges = (...pairs: readonly (readonly [number, number])[]): TimeRange[] =>
  pairs.map(([startUs, endUs]) => ({ startUs, endUs }));

describe('time ranges', () => {
  it.each([
    ['no ranges', [], []],
    [
      'a nested range',
      [
        [0, 100],
        [20, 30],
      ],
      [[0, 100]],
    ],
    [
      'overlapping ranges',
      [
        [0, 50],
        [40, 90],
      ],
      [[0, 90]],
    ],
    [
      'touching ranges',
      [
        [0, 50],
        [50, 90],
      ],
      [[0, 90]],
    ],
    [
      'disjoint ranges in reverse order',
      [
        [60, 90],
        [0, 50],
      ],
      [
        [0, 50],
        [60, 90],
      ],
    ],
    [
      'a range that closes a gap, given last',
      [
        [0, 10],
        [20, 30],
        [5, 25],
      ],
      [[0, 30]],
    ],
  ] as [string, [number, number][], [number, number][]][])('mergeRanges: %s', (_name, given, merged) => {
    const items = ranges(...given);
    expect(mergeRanges(items)).toEqual(ranges(...merged));
    // The input is not modified.
    expect(items).toEqual(ranges(...given));
  });

  it.each([
    ['nothing', [[0, 100]], [], [[0, 100]]],
    [
      'the middle',
      [[0, 100]],
      [[40, 60]],
      [
        [0, 40],
        [60, 100],
      ],
    ],
    ['the beginning', [[10, 100]], [[0, 60]], [[60, 100]]],
    ['the end', [[0, 100]], [[60, 200]], [[0, 60]]],
    ['all of it', [[10, 100]], [[10, 100]], []],
    ['a disjoint range', [[10, 20]], [[30, 40]], [[10, 20]]],
    [
      'two cuts from two ranges',
      [
        [0, 10],
        [20, 30],
      ],
      [
        [5, 22],
        [25, 26],
      ],
      [
        [0, 5],
        [22, 25],
        [26, 30],
      ],
    ],
  ] as [string, [number, number][], [number, number][], [number, number][]][])(
    'subtractRanges: %s',
    (_name, given, cut, left) => {
      expect(subtractRanges(ranges(...given), ranges(...cut))).toEqual(ranges(...left));
    },
  );
});

describe('open items', () => {
  // The second item lasts longest, so that ends and starts have different orders.
  const items = ranges([30, 40], [0, 90], [10, 20], [20, 35]);

  it.each([
    [-1, 0],
    [0, 1],
    [10, 2],
    [20, 3],
    [21, 2],
    [32, 3],
    [35, 3],
    [36, 2],
    [40, 2],
    [41, 1],
    [90, 1],
    [91, 0],
  ])('at %i: %i, both ends included', (atUs, count) => {
    expect(createOpenCounter(items)(atUs)).toBe(count);
  });

  it('findPeak returns the maximum and its first time; an item that ends as another starts is not open', () => {
    expect(findPeak(items)).toEqual({ count: 3, atUs: 30 });
    expect(findPeak(ranges([0, 10], [10, 20], [20, 30]))).toEqual({ count: 1, atUs: 0 });
    expect(findPeak(ranges([5, 10], [5, 10], [50, 60], [50, 60]))).toEqual({ count: 2, atUs: 5 });
    expect(findPeak([])).toEqual({ count: 0, atUs: 0 });
  });

  it('an item of zero duration is open at its time', () => {
    expect(findPeak(ranges([7, 7]))).toEqual({ count: 1, atUs: 7 });
    expect(createOpenCounter(ranges([7, 7]))(7)).toBe(1);
  });
});
