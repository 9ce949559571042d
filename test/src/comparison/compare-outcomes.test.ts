import { describe, expect, it } from 'vitest';
import { compareThresholds, compareVerdicts } from '../../../src/comparison/compare-outcomes.ts';
import type { MeasuredVerdict, SeedStatus } from '../../../src/comparison/measurement.ts';
import { createTestMeasurement } from './test-measurement.ts';

const ID = 'ignores-retry-after';
const side = (seeds: readonly SeedStatus[] | undefined, rest: Partial<MeasuredVerdict> = {}) =>
  createTestMeasurement({
    seeds: (seeds ?? ['pass']).map((_, index) => index + 1),
    verdicts: seeds ? { [ID]: { severity: 'error', seeds, ...rest } } : {},
  });
const changes = (base: readonly SeedStatus[] | undefined, candidate: readonly SeedStatus[] | undefined) =>
  compareVerdicts(side(base), side(candidate));

describe('compareVerdicts', () => {
  it.each<[SeedStatus, SeedStatus, 'gained' | 'lost' | 'other', boolean]>([
    ['pass', 'warn', 'lost', false],
    ['pass', 'fail', 'lost', true],
    ['pass', 'inconclusive', 'lost', false],
    ['inconclusive', 'fail', 'lost', true],
    ['warn', 'fail', 'lost', true],
    ['fail', 'warn', 'gained', false],
    ['fail', 'pass', 'gained', false],
    ['warn', 'pass', 'gained', false],
    // A verdict that newly applies is not gained by passing, but failing it is a regression.
    ['not-applicable', 'pass', 'other', false],
    ['pass', 'not-applicable', 'other', false],
    ['not-applicable', 'fail', 'lost', true],
    ['fail', 'not-applicable', 'gained', false],
  ])('%s, then %s: %s', (base, candidate, went, regression) => {
    expect(changes([base], [candidate])).toMatchObject([{ id: ID, base, candidate, went, regression }]);
  });

  it('returns nothing for equal statuses', () => {
    expect(changes(['warn'], ['warn'])).toEqual([]);
    expect(changes(undefined, undefined)).toEqual([]);
  });

  it('reports a verdict of one side only, not as a regression', () => {
    expect(changes(undefined, ['fail'])).toMatchObject([{ base: 'missing', went: 'other', regression: false }]);
    expect(changes(['fail'], undefined)).toMatchObject([{ candidate: 'missing', went: 'other', regression: false }]);
  });

  it('a failed verdict of severity warn is not a regression', () => {
    const [change] = compareVerdicts(side(['pass']), side(['fail'], { severity: 'warn' }));
    expect(change).toMatchObject({ severity: 'warn', went: 'lost', regression: false });
  });

  it('uses the worst seed, with the number of such seeds and the reason of the first', () => {
    const candidate = side(['pass', 'fail', 'fail'], { reasons: ['well done', 'twice too early', 'once too early'] });
    expect(compareVerdicts(side(['pass', 'pass', 'pass']), candidate)).toMatchObject([
      { baseSeeds: [3, 3], candidateSeeds: [2, 3], candidate: 'fail', reason: 'twice too early' },
    ]);
  });

  it('would-fail warns with one seed and fails with two', () => {
    expect(changes(['pass', 'pass'], ['would-fail', 'pass'])).toMatchObject([{ candidate: 'warn', regression: false }]);
    expect(changes(['pass', 'pass'], ['would-fail', 'would-fail'])).toMatchObject([
      { candidate: 'fail', candidateSeeds: [2, 2], regression: true },
    ]);
  });
});

describe('compareThresholds', () => {
  const BOUND = 'call_failed rate<0.01';
  const withThreshold = (held: readonly (boolean | null)[] | undefined) =>
    createTestMeasurement({
      seeds: (held ?? [null]).map((_, index) => index + 1),
      thresholds: held ? { [BOUND]: held } : {},
    });

  it.each<[string, (boolean | null)[] | undefined, (boolean | null)[] | undefined, object]>([
    ['held, then failed', [true], [false], { base: 'held', candidate: 'failed', went: 'lost', regression: true }],
    ['failed, then held', [false], [true], { base: 'failed', candidate: 'held', went: 'gained', regression: false }],
    ['one seed of two fails', [true, true], [true, false], { candidate: 'failed', regression: true }],
    ['new in the candidate', undefined, [false], { base: 'missing', went: 'other', regression: false }],
    ['missing in the candidate', [true], undefined, { candidate: 'missing', went: 'other', regression: false }],
  ])('%s', (_what, base, candidate, expected) => {
    expect(compareThresholds(withThreshold(base), withThreshold(candidate))).toMatchObject([
      { threshold: BOUND, ...expected },
    ]);
  });

  it('returns nothing if both hold', () => {
    expect(compareThresholds(withThreshold([true]), withThreshold([true, true]))).toEqual([]);
  });
});
