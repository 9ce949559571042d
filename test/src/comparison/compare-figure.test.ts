import { describe, expect, it } from 'vitest';
import { parseAllowances } from '../../../src/comparison/allowance.ts';
import { compare } from '../../../src/comparison/compare.ts';
import type { FigureChange } from '../../../src/comparison/compare-figure.ts';
import { createTestMeasurement, FIVE_PERCENT } from './test-measurement.ts';

const P95 = 'call_duration p(95)';
type Values = readonly (number | null)[];

/** Compares one figure with these values per seed. */
function changeOf(
  base: Values,
  candidate: Values,
  {
    name = P95,
    allow = [],
    seeds,
    time,
  }: { name?: string; allow?: string[]; seeds?: [number[], number[]]; time?: 'wall' | 'virtual' } = {},
): FigureChange {
  const [before, after] = [base, candidate].map((values, side) =>
    createTestMeasurement({
      figures: { [name]: values },
      ...(seeds && { seeds: seeds[side]! }),
      ...(time && { time }),
    }),
  );
  const { figures } = compare(before!, after!, { allowances: parseAllowances('5%', allow) });
  return figures.find((one) => one.name === name)!;
}

describe('one seed in virtual time: every change is exact', () => {
  it.each<[string, number, number, object]>([
    ['no change', 1000, 1000, { certainty: 'same', change: 0, share: 0, went: 'neither', regression: false }],
    ['one millisecond faster', 1000, 999, { certainty: 'exact', change: -1, share: -0.001, went: 'better' }],
    ['one millisecond slower, within the allowance', 1000, 1001, { certainty: 'exact', went: 'worse', beyond: false }],
    ['exactly the allowance', 1000, 1050, { certainty: 'exact', beyond: false, regression: false, allowed: '+5%' }],
    ['more than the allowance', 1000, 1051, { certainty: 'exact', beyond: true, regression: true }],
    ['no share from a base of 0', 0, 1, { share: null, change: 1, regression: true }],
  ])('%s', (_what, base, candidate, expected) => {
    expect(changeOf([base], [candidate])).toMatchObject({ unit: 'ms', base, candidate, ...expected });
  });

  it.each<[string, string, object]>([
    ['more is better: a fall is a regression', 'goodput', { went: 'worse', regression: true }],
    ['no better direction: no regression', 'attempts', { went: 'neither', regression: false }],
    ['a cost: no regression', 'prompt_tokens', { went: 'neither', regression: false }],
  ])('%s', (_what, name, expected) => {
    expect(changeOf([100], [50], { name })).toMatchObject({ certainty: 'exact', change: -50, ...expected });
  });

  it('without a better direction, an allowance sets the worse direction', () => {
    expect(changeOf([100], [101], { name: 'attempts', allow: ['attempts=+0'] })).toMatchObject({ regression: true });
    expect(changeOf([100], [99], { name: 'attempts', allow: ['attempts=+0'] })).toMatchObject({ regression: false });
    expect(changeOf([100], [500], { name: 'attempts', allow: ['attempts=any'] })).toMatchObject({ regression: false });
  });

  it.each<[string, Values, Values, object]>([
    ['no samples', [null], [null], { certainty: 'same', change: null }],
    [
      'samples in the candidate only',
      [null],
      [5],
      { certainty: 'one-sided', base: null, candidate: 5, regression: false },
    ],
    ['samples in the base only', [5], [null], { certainty: 'one-sided', base: 5, candidate: null, regression: false }],
  ])('%s', (_what, base, candidate, expected) => {
    expect(changeOf(base, candidate)).toMatchObject(expected);
  });
});

describe('several seeds', () => {
  const five = [100, 110, 120, 130, 140];
  const higher = five.map((value) => value + 100);

  it('five disjoint values in wall time are real: p = 2 / 252', () => {
    const change = changeOf(five, higher, { time: 'wall' });
    expect(change).toMatchObject({ certainty: 'real', base: 120, candidate: 220, regression: true });
    expect(change.test).toMatchObject({ method: 'mann-whitney', delta: 1 });
    expect(change.test!.p).toBeCloseTo(2 / 252, 12);
    expect(change.test!.interval!.low).toBeGreaterThan(80);
    expect(change.test!.interval!.high).toBeLessThan(120);
  });

  it('five overlapping values are chance: beyond the allowance, but no regression', () => {
    const change = changeOf([100, 200, 300, 400, 500], [150, 250, 350, 450, 550], { time: 'wall' });
    expect(change).toMatchObject({ certainty: 'chance', beyond: true, regression: false });
  });

  it('real but within the allowance: no regression', () => {
    const change = changeOf([1000, 1001, 1002, 1003, 1004], [1010, 1011, 1012, 1013, 1014], { time: 'wall' });
    expect(change).toMatchObject({ certainty: 'real', went: 'worse', beyond: false, regression: false });
  });

  it('too few seeds for a test: only the allowance decides', () => {
    expect(changeOf([1, 2, 3], [11, 12, 13], { time: 'wall' })).toMatchObject({
      certainty: 'unknown',
      beyond: true,
      regression: true,
    });
  });

  it('eight correlated seeds use the paired test, which is more sensitive than ranks', () => {
    const base = [100, 200, 300, 400, 500, 600, 700, 800];
    const candidate = base.map((value) => value + 30);
    const paired = changeOf(base, candidate);
    expect(paired).toMatchObject({ certainty: 'real', test: { method: 'pairs', p: 2 / 2 ** 8, delta: 1 } });
    const others = changeOf(base, candidate, {
      seeds: [
        [1, 2, 3, 4, 5, 6, 7, 8],
        [11, 12, 13, 14, 15, 16, 17, 18],
      ],
    });
    expect(others).toMatchObject({ certainty: 'chance', test: { method: 'mann-whitney' } });
  });

  it('excludes seeds without samples, also from pairs', () => {
    const base = [100, null, 120, 130, 140, 150];
    const candidate = [300, 310, null, 330, 340, 350];
    const change = changeOf(base, candidate, { time: 'wall' });
    expect([change.base, change.candidate]).toEqual([128, 326]);
    expect(change.test!.p).toBeCloseTo(2 / 252, 12);
  });

  it('equal values per seed are the same, and so is a single constant', () => {
    expect(changeOf(five, five)).toMatchObject({ certainty: 'same', change: 0 });
    expect(changeOf([0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], { time: 'wall' })).toMatchObject({ certainty: 'same' });
  });
});

it('one seed against several in virtual time is compared with the same seed', () => {
  const base = createTestMeasurement({ seeds: [2], figures: { [P95]: [100] } });
  const candidate = createTestMeasurement({ seeds: [1, 2, 3], figures: { [P95]: [500, 101, 700] } });
  const comparison = compare(base, candidate, { allowances: FIVE_PERCENT });
  expect(comparison).toMatchObject({ basis: 'exact', candidate: { seeds: [2], of: 3 } });
  expect(comparison.figures.find(({ name }) => name === P95)).toMatchObject({ base: 100, candidate: 101 });
});
