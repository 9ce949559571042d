import { randomFor } from '../../mock-server/random.ts';
import { mean } from '../analysis/statistics/percentile.ts';

/** Enumerate all sign flips up to this many pairs. */
const MAX_ENUMERATED_PAIRS = 12;
const SAMPLED_FLIPS = 9999;

/**
 * Returns the two-sided p-value of Fisher's sign-flip test of paired differences (1935): the share of sign flips whose mean is
 * at least as far from 0. Exact for at most 12 pairs, else from 9,999 seeded draws.
 */
export function signFlipTest(differences: readonly number[]): number {
  // Tolerates rounding errors between sums in different order.
  const observed = Math.abs(mean(differences)) * (1 - 1e-9);
  const n = differences.length;
  if (n <= MAX_ENUMERATED_PAIRS) {
    let extreme = 0;
    for (let signs = 0; signs < 2 ** n; signs++) {
      extreme += Number(
        Math.abs(mean(differences.map((value, bit) => ((signs >> bit) & 1 ? -value : value)))) >= observed,
      );
    }
    return extreme / 2 ** n;
  }
  const random = randomFor(n, 'sign-flip');
  let extreme = 1;
  for (let draw = 0; draw < SAMPLED_FLIPS; draw++) {
    extreme += Number(Math.abs(mean(differences.map((value) => (random() < 0.5 ? -value : value)))) >= observed);
  }
  return extreme / (SAMPLED_FLIPS + 1);
}

/** Returns the smallest p-value possible with this many pairs. */
export function smallestPairP(pairs: number): number {
  return pairs === 0 ? 1 : Math.max(2 ** (1 - pairs), 1 / (SAMPLED_FLIPS + 1));
}
