import { describe, expect, it } from 'vitest';
import { signFlipTest, smallestPairP } from '../../../src/comparison/pair-test.ts';
import { cliffsDelta, mannWhitneyTest, smallestRankP } from '../../../src/comparison/rank-test.ts';

const spaced = (modulo: number, shift: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => ((i * i) % modulo) + shift + i / 100);

describe('mannWhitneyTest', () => {
  // U and p of scipy 1.17.1: mannwhitneyu(second, first, alternative='two-sided'), exact as there are no ties.
  it.each([
    [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10], 25, 0.007936507936507936],
    [[1.1, 2.2, 3.3, 4.4], [2.5, 3.5, 4.5, 5.5, 6.5], 17, 0.1111111111111111],
    [[19, 22, 16, 29, 24], [20, 11, 17, 12], 3, 0.1111111111111111],
    [spaced(37, 0, 20), spaced(41, 3.001, 20), 229, 0.44496402484021574],
  ])('is exact without ties: %j, %j', (first, second, u, p) => {
    const test = mannWhitneyTest(first, second);
    expect(test).toMatchObject({ u, exact: true });
    expect(test.p).toBeCloseTo(p, 12);
  });

  it('uses the normal approximation of scipy for many values', () => {
    const test = mannWhitneyTest(spaced(37, 0, 30), spaced(41, 3.001, 30));
    expect(test).toMatchObject({ u: 538, exact: false });
    expect(test.p).toBeCloseTo(0.19579075835119908, 6);
  });

  it('corrects many values for ties as scipy does', () => {
    const first = Array.from({ length: 30 }, (_, i) => i % 4);
    const second = Array.from({ length: 30 }, (_, i) => (i % 5) + (i % 2));
    const test = mannWhitneyTest(first, second);
    expect(test.u).toBe(630);
    expect(test.p).toBeCloseTo(0.0067563305046749985, 6);
  });

  // Of six ways to choose two of four, one is as high and one is as low.
  it('two above two: 2 of 6 by hand', () => {
    expect(mannWhitneyTest([1, 2], [3, 4]).p).toBeCloseTo(2 / 6, 12);
  });

  // Ranks 1.5, 1.5, 3.5, 3.5: the second has 7 of 10; sums of two are 3, 5 (four ways), 7.
  it('with ties: 2 of 6 by hand', () => {
    expect(mannWhitneyTest([1, 1], [2, 2]).p).toBeCloseTo(2 / 6, 12);
  });

  it('matches scipy permutations for ties', () => {
    expect(mannWhitneyTest([1, 2, 2, 3, 5], [2, 4, 4, 6, 7]).p).toBeCloseTo(0.14285714285714285, 12);
    expect(mannWhitneyTest([0, 0, 0, 0, 1], [0, 0, 1, 0, 2]).p).toBeCloseTo(0.7222222222222222, 12);
  });

  it('has p = 1 for equal values', () => {
    expect(mannWhitneyTest([1, 1, 1], [1, 1, 1]).p).toBe(1);
    expect(
      mannWhitneyTest(
        Array.from({ length: 30 }, () => 1),
        Array.from({ length: 30 }, () => 1),
      ).p,
    ).toBe(1);
  });

  it('can be significant with five values per side, not with three', () => {
    expect(smallestRankP(5, 5)).toBeCloseTo(2 / 252, 12);
    expect(smallestRankP(3, 3)).toBeCloseTo(0.1, 12);
    expect(smallestRankP(1, 0)).toBe(1);
  });

  it('cliffsDelta: of 2 × 2 pairs, three rise and one is a tie', () => {
    expect(cliffsDelta(mannWhitneyTest([1, 2], [2, 3]), 2, 2)).toBe(0.75);
    expect(cliffsDelta(mannWhitneyTest([3, 4], [1, 2]), 2, 2)).toBe(-1);
  });
});

describe('signFlipTest', () => {
  // scipy 1.17.1: permutation_test of the mean difference, permutation_type='samples', all of them.
  it.each([
    [[1, 2, 3, 4, 5, -1], 0.09375],
    [[0.5, 1.5, -0.2, 2.2, 3.1, 1.1, 0.4, 0.9], 0.015625],
    [[1, 1, 1, 0, 0, 1, 1, 1], 0.03125],
  ])('%j', (differences, p) => {
    expect(signFlipTest(differences)).toBeCloseTo(p, 12);
    expect(signFlipTest(differences.map((value) => -value))).toBeCloseTo(p, 12);
  });

  it('samples flips for many pairs with a fixed seed', () => {
    const differences = Array.from({ length: 20 }, (_, i) => 1 + i);
    expect(signFlipTest(differences)).toBe(signFlipTest(differences));
    expect(signFlipTest(differences)).toBeLessThanOrEqual(0.0003);
    expect(signFlipTest(differences.map((value, i) => (i % 2 ? value : -value)))).toBeGreaterThan(0.5);
  });

  it('can be significant with eight pairs, not with seven', () => {
    expect(smallestPairP(7)).toBe(1 / 64);
    expect(smallestPairP(8)).toBe(1 / 128);
    expect(smallestPairP(0)).toBe(1);
  });
});
