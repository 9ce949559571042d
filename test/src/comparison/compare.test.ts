import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FIGURES } from '../../../src/analysis/metrics/figures.ts';
import { compare, ensureSameConditions } from '../../../src/comparison/compare.ts';
import type { FigureChange } from '../../../src/comparison/compare-figure.ts';
import { joined, type Measurement, ofSeed, type SeedStatus } from '../../../src/comparison/measurement.ts';
import { BARE } from '../../../src/retry/preset.ts';
import { settings } from '../../mock-server/openai-provider.ts';
import { requestLimit } from '../analysis/strip.ts';
import { FIVE_PERCENT, measured, problemsOf } from './measured.ts';

const allowances = FIVE_PERCENT;
const STATUSES: SeedStatus[] = ['pass', 'warn', 'fail', 'inconclusive', 'not-applicable', 'would-fail', 'missing'];
const IDS = ['ignores-retry-after', 'no-jitter'];
const THRESHOLD = 'call_failed rate<0.01';

/** Any measurement of one scenario: one to ten seeds, in either time, figures with holes. */
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
        measured({
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

describe('laws', () => {
  it('a result compared with itself has not changed, whatever it is', () => {
    fc.assert(
      fc.property(one, (measurement) => {
        const comparison = compare(measurement, measurement, { allowances });
        expect(new Set(comparison.figures.map(({ certainty }) => certainty))).toEqual(new Set(['same']));
        expect(comparison).toMatchObject({ verdicts: [], thresholds: [], regressions: [], differences: [] });
      }),
    );
  });

  it('base and candidate swapped: every change is mirrored', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(two, ([base, candidate]) => {
        const there = compare(base, candidate, { allowances });
        const back = compare(candidate, base, { allowances });
        for (const [index, change] of there.figures.entries()) expectMirrored(change, back.figures[index]!);
        for (const { certainty } of there.figures) seen.add(certainty);
        const turned = { gained: 'lost', lost: 'gained', other: 'other' } as const;
        for (const kind of ['verdicts', 'thresholds'] as const) {
          const mirror = back[kind].map((change) => [change.candidate, change.base, turned[change.went]]);
          expect(there[kind].map((change) => [change.base, change.candidate, change.went])).toEqual(mirror);
        }
        expect([there.basis, there.paired]).toEqual([back.basis, back.paired]);
      }),
      { seed: 1, numRuns: 300 },
    );
    // The law was asked of every way that a change can be judged.
    expect([...seen].sort()).toEqual(['chance', 'exact', 'one-sided', 'real', 'same', 'unknown']);
  });

  it('the order in which seeds come is irrelevant', () => {
    fc.assert(
      fc.property(two, fc.infiniteStream(fc.nat()), ([base, candidate], order) => {
        const shuffled = (measurement: Measurement): Measurement => {
          const keys = new Map(measurement.seeds.map((seed) => [seed, order.next().value]));
          const parts = measurement.seeds.toSorted((a, b) => keys.get(a)! - keys.get(b)!);
          return joined(
            parts.map((seed) => ofSeed(measurement, seed)),
            'a folder',
          );
        };
        const comparison = compare(shuffled(base), shuffled(candidate), { allowances });
        expect(comparison).toEqual(compare(base, candidate, { allowances }));
      }),
    );
  });

  it('what is said to be a regression is worse, and by more than was allowed', () => {
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
  const turned = { better: 'worse', worse: 'better', neither: 'neither' } as const;
  const { name, certainty, base, candidate, test } = there;
  expect(back).toMatchObject({ name, certainty, base: candidate, candidate: base, went: turned[there.went] });
  if (there.change === null) expect(back.change).toBeNull();
  else expect(back.change).toBeCloseTo(-there.change, 9);
  expect(back.test?.method).toBe(test?.method);
  if (!test) return;
  expect(back.test!.p).toBeCloseTo(test.p, 9);
  expect(back.test!.delta).toBeCloseTo(-test.delta, 9);
  expect(back.test!.interval?.low).toBeCloseTo(-test.interval!.high, 9);
  expect(back.test!.interval?.high).toBeCloseTo(-test.interval!.low, 9);
}

describe('what cannot be compared', () => {
  const base = measured({});

  it('another scenario: everything that differs, in the words of the scenario', () => {
    const provider = settings({ limits: [requestLimit(10, 5)] });
    const other = measured({ scenario: { name: 'other', provider, call: { model: 'gpt-4o', stream: false } } });
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

  it('written by two versions: that may be why', () => {
    const other = measured({ tool: 'quotalab 9', scenario: { name: 'other' } });
    expect(problemsOf(() => ensureSameConditions(base, other)).problems.at(-1)).toBe(
      'written by quotalab test and quotalab 9, which may name settings differently',
    );
  });

  it('scaled runs are compared where clocks ran equally fast', () => {
    const scaled = (speed: number): Measurement => measured({ time: 'scaled', scenario: { speed } });
    expect(() => ensureSameConditions(scaled(60), scaled(60))).not.toThrow();
    const { differences } = compare(scaled(60), scaled(10), { allowances, force: true });
    expect(differences).toEqual([{ path: 'speed', base: '60', candidate: '10' }]);
  });

  it('a gateway is a condition, and so is what its configuration says', () => {
    const behind = (hash: string): Measurement => {
      const config = { file: './nginx.conf', written: './nginx.conf', hash };
      const gateway = { command: ['nginx'], config, env: {}, startTimeoutUs: 1, folder: '.' };
      return measured({ time: 'wall', scenario: { gateway } });
    };
    expect(() => ensureSameConditions(behind('a'), behind('a'))).not.toThrow();
    const differencesTo = (other: Measurement) =>
      compare(behind('a'), other, { allowances, force: true }).differences.map(({ path }) => path);
    expect(differencesTo(behind('b'))).toEqual(['gateway.config.hash']);
    expect(differencesTo(measured({ time: 'wall' }))).toContain('gateway.command[0]');
  });

  it('more than a page of differences is cut', () => {
    const limits = Array.from({ length: 20 }, (_, index) => requestLimit(5, 5, { name: `limit-${index}` }));
    const { problems } = problemsOf(() =>
      compare(base, measured({ scenario: { provider: settings({ limits }) } }), { allowances }),
    );
    expect(problems).toHaveLength(13);
    expect(problems.at(-1)).toMatch(/^and \d+ more$/);
  });

  it('the seed, the client and what is asked of it may differ', () => {
    const other = measured({
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

  it('runs that made no call, and runs that did not go their whole way', () => {
    const empty = measured({ figures: { calls: [0] } });
    expect(problemsOf(() => compare(empty, empty, { allowances, force: true }))).toEqual({
      code: 'compare/empty',
      problems: ['no run of the base made a call', 'no run of the candidate made a call'],
    });
    const partial = measured({ partial: ['seed 1: interrupted'] });
    expect(problemsOf(() => compare(base, partial, { allowances }))).toEqual({
      code: 'compare/not-comparable',
      problems: ['candidate, seed 1: interrupted, before its end'],
    });
    expect(compare(base, partial, { allowances, force: true }).partial).toEqual(['candidate, seed 1: interrupted']);
  });
});
