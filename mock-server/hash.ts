import { hex8 } from './hex.ts';

/** Combines a hash and a value with the last steps of MurmurHash3's 32-bit finalizer. */
export function mix(hash: number, value: number): number {
  let mixed = Math.imul(hash ^ value, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/**
 * Returns the seed of the random stream of one purpose: FNV-1a over the purpose, starting from the seed, then MurmurHash3's
 * finalizer. Without the finalizer, purposes that differ only in the last character (`client:1`, `client:2`) would start with
 * correlated draws, and calls refused together would choose correlated waits.
 */
export function streamSeed(seed: number, purpose: string): number {
  let hash = 0x811c9dc5 ^ Math.imul(seed, 0x9e3779b1);
  for (const character of purpose) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
  return mix(hash, hash >>> 16);
}

/** Returns a sort key for requests of one instant: pseudo-random, and determined by seed, instant and call alone. */
export function tieBreak(seed: number, nowUs: number, call: number): number {
  const hash = Math.imul(seed ^ 0x9e3779b1, 0x85ebca6b) ^ Math.imul((nowUs % 0xffffffff) | 0, 0xc2b2ae35);
  return mix(hash ^ (hash >>> 16), call) >>> 0;
}

/**
 * Returns 16 hex digits for comparing texts: two 32-bit hashes of the UTF-16 units. Fast, but not one-way: use `digest` for
 * secrets.
 */
export function textHash(text: string): string {
  let first = FIRST_START;
  let second = SECOND_START;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    first = addToFirst(first, unit);
    second = addToSecond(second, unit + at);
  }
  return formatHashes(first, second, text.length);
}

/** The starting value of the first hash. */
export const FIRST_START = 0x9e3779b1;
/** The starting value of the second hash. */
export const SECOND_START = 0x85ebca6b;

/** Adds a unit to the first of two hashes. */
export function addToFirst(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x01000193);
}

/** Adds a unit to the second of two hashes. */
export function addToSecond(hash: number, unit: number): number {
  const added = Math.imul(hash ^ unit, 0xc2b2ae35);
  return added ^ (added >>> 15);
}

/** Completes two hashes, and formats them as 16 hex digits. */
export function formatHashes(first: number, second: number, length: number): string {
  const high = Math.imul(first ^ (first >>> 16) ^ length, 0x85ebca6b);
  const low = Math.imul(second ^ (second >>> 13) ^ high, 0x27d4eb2f);
  return hex8(high ^ (low >>> 16)) + hex8(low ^ (high >>> 15));
}
