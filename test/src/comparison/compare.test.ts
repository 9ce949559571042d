import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FIGURES } from '../../../src/analysis/metrics/figures.ts';
import { compare, ensureSameConditions } from '../../../src/comparison/compare.ts';
import type { FigureChange } from '../../../src/comparison/compare-figure.ts';
import {
  type Measurement,
  mergeMeasurements,
  type SeedStatus,
  selectSeed,
} from '../../../src/comparison/measurement.ts';
import { BARE } from '../../../src/retry/preset.ts';
import { settings } from '../../mock-server/openai-provider.ts';
import { requestLimit } from '../analysis/strip.ts';
import { createTestMeasurement, FIVE_PERCENT, problemsOf } from './test-measurement.ts';

const allowances = FIVE_PERCENT;
const STATUSES: SeedStatus[] = ['pass', 'warn', 'fail', 'inconclusive', 'not-applicable', 'would-fail', 'missing'];
const IDS = ['ignores-retry-after', 'no-jitter'];
const THRESHOLD = 'call_failed rate<0.01';

/** An arbitrary measurement of one scenario: one to ten seeds, figures with missing values. */
const anyMeasurement = (time: 'wall' | 'virtual'): fc.Arbitrary<Measurement> =>
  fc.uniqueArray(fc.integer({ min: 1, max: 14 }), { minLength: 1, maxLength: 10 }).chain((unordered) => {
    const seeds = unordered.toSorted((a, b) => a - b);
    const list = <Value>(of: fc.Arbitrary<Value>): fc.Arbitrary<Value[]> =>
      fc.array(of, { minLength: seeds.length, maxLength: seeds.length });
    const value = fc.option(fc.integer({ min: 0, max: 40 }), { freq: 6 });
    const figures = Object.fromEntries(FIGURES.map(({ name }) => [name, list(value)]));
    return fc
      .record({
        figures: fc.record({ ...figures, calls: list(fc.integer({ min: 1, max: 40 })) }),
        statuses: fc.tuple(list(fc.constantFrom(...STATUSES)), list(fc.constantFrom(...STATUSES))),
        held: list(fc.option(fc.boolean())),
      })
      .map(({ figures: read, statuses, held }) =>
        createTestMeasurement({
          time,
          seeds,
          figures: read,
          thresholds: { [THRESHOLD]: held },
          verdicts: Object.fromEntries(
            IDS.map((id, index) => [
              id,
              { severity: index === 0 ? 'error' : 'warn', seeds: statuses[index]! } as const,
            ]),
          ),
        }),
      );
  });
const either = fc.constantFrom('wall' as const, 'virtual' as const);
const one = either.chain(anyMeasurement);
const two = either.chain((time) => fc.tuple(anyMeasurement(time), anyMeasurement(time)));

describe('properties', () => {
  it('a measurement compared with itself has no changes', () => {
    fc.assert(
      fc.property(one, (measurement) => {
        const comparison = compare(measurement, measurement, { allowances });
        expect(new Set(comparison.figures.map(({ certainty }) => certainty))).toEqual(new Set(['same']));
        expect(comparison).toMatchObject({ verdicts: [], thresholds: [], regressions: [], differences: [] });
      }),
    );
  });

  it('swapping base and candidate mirrors every change', () => {
    const certainties = new Set<string>();
    fc.assert(
      fc.property(two, ([base, candidate]) => {
        const there = compare(base, candidate, { allowances });
        const back = compare(candidate, base, { allowances });
        for (const [index, change] of there.figures.entries()) expectMirrored(change, back.figures[index]!);
        for (const { certainty } of there.figures) certainties.add(certainty);
        const mirrored = { gained: 'lost', lost: 'gained', other: 'other' } as const;
        for (const kind of ['verdicts', 'thresholds'] as const) {
          const mirror = back[kind].map((change) => [change.candidate, change.base, mirrored[change.went]]);
          expect(there[kind].map((change) => [change.base, change.candidate, change.went])).toEqual(mirror);
        }
        expect([there.basis, there.paired]).toEqual([back.basis, back.paired]);
      }),
      { seed: 1, numRuns: 300 },
    );
    // Every certainty occurred.
    expect([...certainties].sort()).toEqual(['chance', 'exact', 'one-sided', 'real', 'same', 'unknown']);
  });

  it('the order of seeds is irrelevant', () => {
    fc.assert(
      fc.property(two, fc.infiniteStream(fc.nat()), ([base, candidate], order) => {
        const shuffled = (measurement: Measurement): Measurement => {
          const keys = new Map(measurement.seeds.map((seed) => [seed, order.next().value]));
          const parts = measurement.seeds.toSorted((a, b) => keys.get(a)! - keys.get(b)!);
          return mergeMeasurements(
            parts.map((seed) => selectSeed(measurement, seed)),
            'a folder',
          );
        };
        const comparison = compare(shuffled(base), shuffled(candidate), { allowances });
        expect(comparison).toEqual(compare(base, candidate, { allowances }));
      }),
    );
  });

  it('every regression is worse by more than the allowance', () => {
    fc.assert(
      fc.property(two, ([base, candidate]) => {
        const { figures, regressions } = compare(base, candidate, { allowances });
        const regressed = figures.filter(({ regression }) => regression);
        for (const change of regressed) expect([change.went, change.beyond]).toEqual(['worse', true]);
        expect(regressions).toEqual(expect.arrayContaining(regressed.map(({ name }) => name)));
      }),
    );
  });
});

function expectMirrored(there: FigureChange, back: FigureChange): void {
  const mirrored = { better: 'worse', worse: 'better', neither: 'neither' } as const;
  const { name, certainty, base, candidate, test } = there;
  expect(back).toMatchObject({ name, certainty, base: candidate, candidate: base, went: mirrored[there.went] });
  if (there.change === null) expect(back.change).toBeNull();
  else expect(back.change).toBeCloseTo(-there.change, 9);
  expect(back.test?.method).toBe(test?.method);
  if (!test) return;
  expect(back.test!.p).toBeCloseTo(test.p, 9);
  expect(back.test!.delta).toBeCloseTo(-test.delta, 9);
  expect(back.test!.interval?.low).toBeCloseTo(-test.interval!.high, 9);
  expect(back.test!.interval?.high).toBeCloseTo(-test.interval!.low, 9);
}

describe('conditions', () => {
  const base = createTestMeasurement({});

  it('reports every difference with its path in the scenario', () => {
    const provider = settings({ limits: [requestLimit(10, 5)] });
    const other = createTestMeasurement({
      scenario: { name: 'other', provider, call: { model: 'gpt-4o', stream: false } },
    });
    expect(problemsOf(() => compare(base, other, { allowances }))).toEqual({
      code: 'compare/not-comparable',
      problems: [
        'name: strip in the base, other in the candidate',
        'call.model: gpt-4o-mini in the base, gpt-4o in the candidate',
        'provider.limits.requests.spec.refill.amount: 5 in the base, 10 in the candidate',
      ],
    });
    expect(compare(base, other, { allowances, force: true }).differences).toHaveLength(3);
  });

  it('mentions different tool versions', () => {
    const other = createTestMeasurement({ tool: 'quotalab 9', scenario: { name: 'other' } });
    expect(problemsOf(() => ensureSameConditions(base, other)).problems.at(-1)).toBe(
      'the files were written by quotalab test and quotalab 9, which may name settings differently',
    );
  });

  it('scaled runs are comparable at equal speed', () => {
    const scaled = (speed: number): Measurement => createTestMeasurement({ time: 'scaled', scenario: { speed } });
    expect(() => ensureSameConditions(scaled(60), scaled(60))).not.toThrow();
    const { differences } = compare(scaled(60), scaled(10), { allowances, force: true });
    expect(differences).toEqual([{ path: 'speed', base: '60', candidate: '10' }]);
  });

  it('include the gateway and the text of its configuration', () => {
    const behind = (hash: string): Measurement => {
      const config = { file: './nginx.conf', written: './nginx.conf', hash };
      const gateway = { command: ['nginx'], config, env: {}, startTimeoutUs: 1, folder: '.' };
      return createTestMeasurement({ time: 'wall', scenario: { gateway } });
    };
    expect(() => ensureSameConditions(behind('a'), behind('a'))).not.toThrow();
    const differencesTo = (other: Measurement) =>
      compare(behind('a'), other, { allowances, force: true }).differences.map(({ path }) => path);
    expect(differencesTo(behind('b'))).toEqual(['gateway.config.hash']);
    expect(differencesTo(createTestMeasurement({ time: 'wall' }))).toContain('gateway.command[0]');
  });

  it('lists at most 12 differences', () => {
    const limits = Array.from({ length: 20 }, (_, index) => requestLimit(5, 5, { name: `limit-${index}` }));
    const { problems } = problemsOf(() =>
      compare(base, createTestMeasurement({ scenario: { provider: settings({ limits }) } }), { allowances }),
    );
    expect(problems).toHaveLength(13);
    expect(problems.at(-1)).toMatch(/^and \d+ more$/);
  });

  it('exclude the seed, the client, thresholds and verdicts', () => {
    const other = createTestMeasurement({
      seeds: [7],
      scenario: {
        client: {
          code: { kind: 'module', module: '/other.ts' },
          written: './other.ts',
          env: {},
          model: BARE,
          assumed: true,
        },
        verdicts: { 'no-jitter': 'error' },
      },
    });
    expect(problemsOf(() => compare(base, other, { allowances })).code).toBe('none');
  });

  it('rejects runs without calls and incomplete runs', () => {
    const empty = createTestMeasurement({ figures: { calls: [0] } });
    expect(problemsOf(() => compare(empty, empty, { allowances, force: true }))).toEqual({
      code: 'compare/empty',
      problems: ['no run of the base made a call', 'no run of the candidate made a call'],
    });
    const partial = createTestMeasurement({ partial: ['seed 1: interrupted'] });
    expect(problemsOf(() => compare(base, partial, { allowances }))).toEqual({
      code: 'compare/not-comparable',
      problems: ['candidate, seed 1: interrupted before the run ended'],
    });
    expect(compare(base, partial, { allowances, force: true }).partial).toEqual(['candidate, seed 1: interrupted']);
  });
});
