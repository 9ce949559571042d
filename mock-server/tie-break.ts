/**
 * Returns a sort key for requests of one instant: pseudo-random, and a function of seed, instant and call only. It is
 * MurmurHash3's 32-bit finalizer over the three.
 */
export function tieBreak(seed: number, nowUs: number, call: number): number {
  let hash = Math.imul(seed ^ 0x9e3779b1, 0x85ebca6b) ^ Math.imul((nowUs % 0xffffffff) | 0, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16) ^ call, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
