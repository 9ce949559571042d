import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Returns a uniform number in [0, 1). */
export type Random = () => number;

/**
 * Creates a seeded random stream for one purpose. Streams of different purposes are independent, so that an added draw in one
 * place does not shift another. The same seed and purpose give the same stream on every machine.
 */
export function randomFor(seed: number, purpose: string): Random {
  const generator = xoroshiro128plus(mix(seed, purpose));
  return () => (generator.next() >>> 0) / 2 ** 32;
}

/**
 * FNV-1a over the purpose, starting from the seed, then MurmurHash3's finalizer. Without the finalizer, purposes that differ
 * only in the last character (`client:1`, `client:2`) would start with correlated draws, and calls refused together would
 * choose correlated waits.
 */
function mix(seed: number, purpose: string): number {
  let hash = 0x811c9dc5 ^ Math.imul(seed, 0x9e3779b1);
  for (const character of purpose) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
