import { randomFor } from '../../mock-server/random.ts';
import { mean } from '../analysis/statistics/percentile.ts';

/** Up to so many pairs every choice of signs is looked at. */
const COUNTED = 12;
const DRAWN = 9999;

/**
 * Fisher's test of paired differences (1935): how often their mean would be as far from 0 if each had as well come out
 * the other way round. Two-sided; exact for at most twelve pairs, else from 9,999 seeded draws.
 */
export function signFlip(differences: readonly number[]): number {
  // A hair below, so that equal sums in another order are equal.
  const seen = Math.abs(mean(differences)) * (1 - 1e-9);
  const n = differences.length;
  if (n <= COUNTED) {
    let far = 0;
    for (let signs = 0; signs < 2 ** n; signs++) {
      far += Number(Math.abs(mean(differences.map((value, bit) => ((signs >> bit) & 1 ? -value : value)))) >= seen);
    }
    return far / 2 ** n;
  }
  const random = randomFor(n, 'sign-flip');
  let far = 1;
  for (let draw = 0; draw < DRAWN; draw++) {
    far += Number(Math.abs(mean(differences.map((value) => (random() < 0.5 ? -value : value)))) >= seen);
  }
  return far / (DRAWN + 1);
}

/** The smallest p that so many pairs can have: all differences on one side. */
export function smallestPairP(pairs: number): number {
  return pairs === 0 ? 1 : Math.max(2 ** (1 - pairs), 1 / (DRAWN + 1));
}
