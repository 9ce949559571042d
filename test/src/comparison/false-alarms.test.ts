import { expect, it } from 'vitest';
import { type Random, randomFor } from '../../../mock-server/random.ts';
import { compare } from '../../../src/comparison/compare.ts';
import { ALPHA } from '../../../src/comparison/compare-figure.ts';
import { createTestMeasurement, FIVE_PERCENT } from './test-measurement.ts';

const PAIRS = 1000;
const P95 = 'call_duration p(95)';

const normal = (random: Random): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Distributions of a figure: `own` is random per side, `shared` is random per seed and common to both sides. */
const DISTRIBUTIONS: Readonly<Record<string, (own: Random, shared: Random) => number>> = {
  normal: (own) => 1000 + 100 * normal(own),
  'long-tailed': (own) => 100 * Math.exp(normal(own)),
  'few distinct values with ties': (own) => Math.floor(own() * 4),
  'normal with a shared seed effect': (own, shared) => 1000 + 300 * normal(shared) + 100 * normal(own),
  'long-tailed with a shared seed effect': (own, shared) => 100 * Math.exp(normal(shared)) + 50 * Math.exp(normal(own)),
};

/** Counts comparisons called `real` when the candidate is `by` times slower (1: equal clients). */
function countReal(
  distribution: string,
  { count, by, time }: { count: number; by: number; time: 'wall' | 'virtual' },
): number {
  const draw = DISTRIBUTIONS[distribution]!;
  let real = 0;
  for (let pair = 1; pair <= PAIRS; pair++) {
    const values = (side: string, times: number): number[] =>
      Array.from({ length: count }, (_, seed) => {
        const shared = randomFor(pair * 100 + seed, 'shared');
        return times * draw(randomFor(pair * 100 + seed, `own ${side}`), shared);
      });
    const base = createTestMeasurement({ time, figures: { [P95]: values('base', 1) } });
    const candidate = createTestMeasurement({ time, figures: { [P95]: values('candidate', by) } });
    const { figures } = compare(base, candidate, { allowances: FIVE_PERCENT });
    real += Number(figures.find(({ name }) => name === P95)!.certainty === 'real');
  }
  return real;
}

const SETUPS = [
  { count: 5, time: 'wall' },
  { count: 5, time: 'virtual' },
  { count: 10, time: 'virtual' },
] as const;

it.each(Object.keys(DISTRIBUTIONS).flatMap((distribution) => SETUPS.map((setup) => [distribution, setup] as const)))(
  'equal clients, %s, %j: false positives in 1,000 comparisons stay within ALPHA',
  (distribution, setup) => {
    expect(countReal(distribution, { ...setup, by: 1 })).toBeLessThanOrEqual(ALPHA * PAIRS);
  },
);

it('a client slower by half is detected with ten seeds', () => {
  expect(countReal('normal', { count: 10, time: 'virtual', by: 1.5 })).toBeGreaterThan(0.95 * PAIRS);
  expect(countReal('normal with a shared seed effect', { count: 10, time: 'virtual', by: 1.5 })).toBeGreaterThan(
    0.6 * PAIRS,
  );
});
