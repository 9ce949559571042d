import { describe, expect, it } from 'vitest';
import { thresholdChanges, verdictChanges } from '../../../src/comparison/compare-outcomes.ts';
import type { MeasuredVerdict, SeedStatus } from '../../../src/comparison/measurement.ts';
import { measured } from './measured.ts';

const ID = 'ignores-retry-after';
const side = (seeds: readonly SeedStatus[] | undefined, rest: Partial<MeasuredVerdict> = {}) =>
  measured({
    seeds: (seeds ?? ['pass']).map((_, index) => index + 1),
    verdicts: seeds ? { [ID]: { severity: 'error', seeds, ...rest } } : {},
  });
const changes = (base: readonly SeedStatus[] | undefined, candidate: readonly SeedStatus[] | undefined) =>
  verdictChanges(side(base), side(candidate));

describe('verdicts gained and lost', () => {
  it.each<[SeedStatus, SeedStatus, 'gained' | 'lost' | 'other', boolean]>([
    ['pass', 'warn', 'lost', false],
    ['pass', 'fail', 'lost', true],
    ['pass', 'inconclusive', 'lost', false],
    ['inconclusive', 'fail', 'lost', true],
    ['warn', 'fail', 'lost', true],
    ['fail', 'warn', 'gained', false],
    ['fail', 'pass', 'gained', false],
    ['warn', 'pass', 'gained', false],
    // What was never tried was not won by passing, but failing it is a fault.
    ['not-applicable', 'pass', 'other', false],
    ['pass', 'not-applicable', 'other', false],
    ['not-applicable', 'fail', 'lost', true],
    ['fail', 'not-applicable', 'gained', false],
  ])('%s, then %s: %s', (base, candidate, went, regression) => {
    expect(changes([base], [candidate])).toMatchObject([{ id: ID, base, candidate, went, regression }]);
  });

  it('the same is no change', () => {
    expect(changes(['warn'], ['warn'])).toEqual([]);
    expect(changes(undefined, undefined)).toEqual([]);
  });

  it('judged by one side only: told, but no regression, since the base was not asked', () => {
    expect(changes(undefined, ['fail'])).toMatchObject([{ base: 'missing', went: 'other', regression: false }]);
    expect(changes(['fail'], undefined)).toMatchObject([{ candidate: 'missing', went: 'other', regression: false }]);
  });

  it('a warning that fails does not fail the comparison', () => {
    const [change] = verdictChanges(side(['pass']), side(['fail'], { severity: 'warn' }));
    expect(change).toMatchObject({ severity: 'warn', went: 'lost', regression: false });
  });

  it('a side is as good as its worst seed, and how many were like that is told with what the first said', () => {
    const candidate = side(['pass', 'fail', 'fail'], { reasons: ['well done', 'twice too early', 'once too early'] });
    expect(verdictChanges(side(['pass', 'pass', 'pass']), candidate)).toMatchObject([
      { baseSeeds: [3, 3], candidateSeeds: [2, 3], candidate: 'fail', reason: 'twice too early' },
    ]);
  });

  it('what rests on chance warns with one seed, and fails where two agree', () => {
    expect(changes(['pass', 'pass'], ['would-fail', 'pass'])).toMatchObject([{ candidate: 'warn', regression: false }]);
    expect(changes(['pass', 'pass'], ['would-fail', 'would-fail'])).toMatchObject([
      { candidate: 'fail', candidateSeeds: [2, 2], regression: true },
    ]);
  });
});

describe('thresholds gained and lost', () => {
  const BOUND = 'call_failed rate<0.01';
  const asked = (held: readonly (boolean | null)[] | undefined) =>
    measured({ seeds: (held ?? [null]).map((_, index) => index + 1), thresholds: held ? { [BOUND]: held } : {} });

  it.each<[string, (boolean | null)[] | undefined, (boolean | null)[] | undefined, object]>([
    ['held, then not', [true], [false], { base: 'held', candidate: 'failed', went: 'lost', regression: true }],
    ['not, then held', [false], [true], { base: 'failed', candidate: 'held', went: 'gained', regression: false }],
    ['one seed of two fails it', [true, true], [true, false], { candidate: 'failed', regression: true }],
    ['asked for the first time', undefined, [false], { base: 'missing', went: 'other', regression: false }],
    ['asked no longer', [true], undefined, { candidate: 'missing', went: 'other', regression: false }],
  ])('%s', (_what, base, candidate, expected) => {
    expect(thresholdChanges(asked(base), asked(candidate))).toMatchObject([{ threshold: BOUND, ...expected }]);
  });

  it('held by both is no change', () => {
    expect(thresholdChanges(asked([true]), asked([true, true]))).toEqual([]);
  });
});
