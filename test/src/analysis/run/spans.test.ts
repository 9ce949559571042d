import { describe, expect, it } from 'vitest';
import { openAt, peakOf } from '../../../../src/analysis/run/open-at.ts';
import { type Span, spansOf, without } from '../../../../src/analysis/run/spans.ts';

const spans = (...pairs: readonly (readonly [number, number])[]): Span[] =>
  pairs.map(([startUs, endUs]) => ({ startUs, endUs }));

describe('stretches of time', () => {
  it.each([
    ['none', [], []],
    [
      'one inside another',
      [
        [0, 100],
        [20, 30],
      ],
      [[0, 100]],
    ],
    [
      'two that overlap',
      [
        [0, 50],
        [40, 90],
      ],
      [[0, 90]],
    ],
    [
      'two that touch',
      [
        [0, 50],
        [50, 90],
      ],
      [[0, 90]],
    ],
    [
      'two apart, given backwards',
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
      'a bridge over a gap that is given last',
      [
        [0, 10],
        [20, 30],
        [5, 25],
      ],
      [[0, 30]],
    ],
  ] as [string, [number, number][], [number, number][]][])('joined: %s', (_name, given, joined) => {
    const items = spans(...given);
    expect(spansOf(items)).toEqual(spans(...joined));
    // What was given stays as it was.
    expect(items).toEqual(spans(...given));
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
    ['what lies elsewhere', [[10, 20]], [[30, 40]], [[10, 20]]],
    [
      'two holes out of two',
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
    'without %s',
    (_name, given, cut, left) => {
      expect(without(spans(...given), spans(...cut))).toEqual(spans(...left));
    },
  );
});

describe('how many are open', () => {
  // The first lasts longest, so that ends come in another order than starts.
  const items = spans([30, 40], [0, 90], [10, 20], [20, 35]);

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
    expect(openAt(items)(atUs)).toBe(count);
  });

  it('the most at once, and when first: what ends as another starts has made room', () => {
    expect(peakOf(items)).toEqual({ count: 3, atUs: 30 });
    expect(peakOf(spans([0, 10], [10, 20], [20, 30]))).toEqual({ count: 1, atUs: 0 });
    expect(peakOf(spans([5, 10], [5, 10], [50, 60], [50, 60]))).toEqual({ count: 2, atUs: 5 });
    expect(peakOf([])).toEqual({ count: 0, atUs: 0 });
  });

  it('what takes no time is open when it happens', () => {
    expect(peakOf(spans([7, 7]))).toEqual({ count: 1, atUs: 7 });
    expect(openAt(spans([7, 7]))(7)).toBe(1);
  });
});
