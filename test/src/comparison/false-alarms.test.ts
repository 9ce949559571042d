import { expect, it } from 'vitest';
import { type Random, randomFor } from '../../../mock-server/random.ts';
import { compare } from '../../../src/comparison/compare.ts';
import { ALPHA } from '../../../src/comparison/compare-figure.ts';
import { FIVE_PERCENT, measured } from './measured.ts';

const PAIRS = 1000;
const P95 = 'call_duration p(95)';

const normal = (random: Random): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** How the figure of one seed may fall: `own` is the client's luck, `shared` the seed's, which both sides have. */
const WORLDS: Readonly<Record<string, (own: Random, shared: Random) => number>> = {
  'a bell curve': (own) => 1000 + 100 * normal(own),
  'a long tail': (own) => 100 * Math.exp(normal(own)),
  'few different numbers, many ties': (own) => Math.floor(own() * 4),
  'luck of the seed that both sides have': (own, shared) => 1000 + 300 * normal(shared) + 100 * normal(own),
  'luck of the seed, and a long tail': (own, shared) => 100 * Math.exp(normal(shared)) + 50 * Math.exp(normal(own)),
};

/** How often clients that are equal, and one that is `by` times slower, were told to have really changed. */
function realIn(world: string, { count, by, time }: { count: number; by: number; time: 'wall' | 'virtual' }): number {
  const draw = WORLDS[world]!;
  let real = 0;
  for (let pair = 1; pair <= PAIRS; pair++) {
    const values = (side: string, times: number): number[] =>
      Array.from({ length: count }, (_, seed) => {
        const shared = randomFor(pair * 100 + seed, 'shared');
        return times * draw(randomFor(pair * 100 + seed, `own ${side}`), shared);
      });
    const base = measured({ time, figures: { [P95]: values('base', 1) } });
    const candidate = measured({ time, figures: { [P95]: values('candidate', by) } });
    const { figures } = compare(base, candidate, { allowances: FIVE_PERCENT });
    real += Number(figures.find(({ name }) => name === P95)!.certainty === 'real');
  }
  return real;
}

const WAYS = [
  { count: 5, time: 'wall' },
  { count: 5, time: 'virtual' },
  { count: 10, time: 'virtual' },
] as const;

it.each(Object.keys(WORLDS).flatMap((world) => WAYS.map((way) => [world, way] as const)))(
  'equal clients, %s, %j: in 1,000 comparisons no more are called real than is claimed',
  (world, way) => {
    expect(realIn(world, { ...way, by: 1 })).toBeLessThanOrEqual(ALPHA * PAIRS);
  },
);

it('and a client that is slower by half is found, by ten seeds nearly always', () => {
  expect(realIn('a bell curve', { count: 10, time: 'virtual', by: 1.5 })).toBeGreaterThan(0.95 * PAIRS);
  expect(realIn('luck of the seed that both sides have', { count: 10, time: 'virtual', by: 1.5 })).toBeGreaterThan(
    0.6 * PAIRS,
  );
});
