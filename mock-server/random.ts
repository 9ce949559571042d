import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { streamSeed } from './hash.ts';

/** Returns a uniform number in [0, 1). */
export type Random = () => number;

/**
 * Creates a seeded random stream for one purpose. Streams of different purposes are independent, so that an added draw in one
 * place does not shift another. The same seed and purpose give the same stream on every machine.
 */
export function randomFor(seed: number, purpose: string): Random {
  const generator = xoroshiro128plus(streamSeed(seed, purpose));
  return () => (generator.next() >>> 0) / 2 ** 32;
}
