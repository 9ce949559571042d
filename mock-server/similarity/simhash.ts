import { mix } from '../hash.ts';
import { hex8 } from '../hex.ts';
import { isLetter, lower } from './words-hash.ts';

/** A 64-bit hash in two halves. */
export interface SimHash {
  readonly high: number;
  readonly low: number;
}

/** Words beyond this number are ignored. */
const MAX_WORDS = 2048;

/**
 * Computes the SimHash of a text (Charikar 2002) over its lower-case word 3-grams: texts that share most 3-grams differ in few
 * of 64 bits. One changed word in 50 gives a distance of about 2, unrelated texts about 32 (`limits.md` section 4).
 */
export function simHash(text: string): SimHash {
  const words = hashWords(text);
  const shingles = Math.max(1, words.length - 2);
  const first = shingleAt(words, 0);
  // Fast path: a single shingle decides every bit, and most test texts are short.
  if (shingles === 1) return { high: first, low: mix(first, SECOND_HALF) };
  const votes = new Int32Array(64);
  for (let at = 0; at < shingles; at++) {
    const high = shingleAt(words, at);
    const low = mix(high, SECOND_HALF);
    for (let bit = 0; bit < 32; bit++) {
      votes[bit]! += ((high >>> bit) & 1) * 2 - 1;
      votes[bit + 32]! += ((low >>> bit) & 1) * 2 - 1;
    }
  }
  return { high: majorityBits(votes, 0), low: majorityBits(votes, 32) };
}

const SECOND_HALF = 0x9e3779b9;

/** Hashes three words, or fewer at the end of a text. */
function shingleAt(words: readonly number[], at: number): number {
  return mix(mix(mix(0x2545f491, words[at] ?? 0), words[at + 1] ?? 0), words[at + 2] ?? 0);
}

/** Returns the number of differing bits. */
export function distance(a: SimHash, b: SimHash): number {
  return countOnes(a.high ^ b.high) + countOnes(a.low ^ b.low);
}

export function toHex({ high, low }: SimHash): string {
  return hex8(high) + hex8(low);
}

/** Parses the output of `toHex`. */
export function fromHex(hex: string): SimHash {
  return { high: Number.parseInt(hex.slice(0, 8), 16) | 0, low: Number.parseInt(hex.slice(8), 16) | 0 };
}

function hashWords(text: string): number[] {
  const hashes: number[] = [];
  let hash = 0;
  let letters = 0;
  for (let at = 0; at <= text.length && hashes.length < MAX_WORDS; at++) {
    const code = at < text.length ? lower(text.charCodeAt(at)) : 32;
    if (isLetter(code)) {
      hash = Math.imul(hash ^ code, 0x01000193);
      letters++;
    } else if (letters > 0) {
      hashes.push(hash);
      hash = 0;
      letters = 0;
    }
  }
  return hashes;
}

function majorityBits(votes: Int32Array, from: number): number {
  let bits = 0;
  for (let bit = 0; bit < 32; bit++) if (votes[from + bit]! > 0) bits |= 1 << bit;
  return bits;
}

function countOnes(bits: number): number {
  let left = bits - ((bits >>> 1) & 0x55555555);
  left = (left & 0x33333333) + ((left >>> 2) & 0x33333333);
  return Math.imul((left + (left >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
