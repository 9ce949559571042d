import { expect, it } from 'vitest';
import { randomFor } from '../../mock-server/random.ts';

it('gives uncorrelated first draws to purposes that differ in one character', () => {
  for (const draw of [0, 1, 2]) {
    const drawn = Array.from({ length: 2000 }, (_, call) => {
      const random = randomFor(1, `client:${call}`);
      for (let before = 0; before < draw; before++) random();
      return random();
    });
    // The mean distance of independent draws is 1/3; correlated neighbours would be much closer.
    const apart = drawn.slice(1).map((value, index) => Math.abs(value - drawn[index]!));
    expect(apart.reduce((sum, distance) => sum + distance, 0) / apart.length).toBeCloseTo(1 / 3, 1);
    // Draws are uniform over tenths of the range (chi-square with 9 degrees of freedom: 27.9 at 0.1 %).
    const tenths = Array.from(
      { length: 10 },
      (_, tenth) => drawn.filter((value) => Math.floor(value * 10) === tenth).length,
    );
    expect(tenths.reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0)).toBeLessThan(27.9);
  }
});

it('gives the same stream for the same seed and purpose, and a different stream for another seed', () => {
  const take = (seed: number): number[] => Array.from({ length: 5 }, randomFor(seed, 'text'));
  expect(take(1)).toEqual(take(1));
  expect(take(1)).not.toEqual(take(2));
});
