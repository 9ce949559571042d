/**
 * Who comes first among requests of one instant, as a number to sort by: chance, by seed, instant and call, so that it
 * depends on nothing else. A 32-bit finaliser (MurmurHash3) over the three.
 */
export function turnOf(seed: number, nowUs: number, call: number): number {
  let hash = Math.imul(seed ^ 0x9e3779b1, 0x85ebca6b) ^ Math.imul((nowUs % 0xffffffff) | 0, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16) ^ call, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
