import { hex8 } from '../hex.ts';

/**
 * Returns 16 hex digits that are equal for texts with the same words. It ignores case, punctuation and spaces, which clients
 * may change. Unlike a SimHash, it differs if a single word does. Fast, but not one-way.
 */
export function wordsHash(text: string): string {
  let first = 0x9e3779b1;
  let second = 0x85ebca6b;
  let inWord = false;
  for (let at = 0; at <= text.length; at++) {
    const code = at < text.length ? lower(text.charCodeAt(at)) : 32;
    const isWord = isLetter(code);
    // Hash the end of a word once, however many separators follow.
    if (!isWord && !inWord) continue;
    const unit = isWord ? code : 32;
    inWord = isWord;
    first = Math.imul(first ^ unit, 0x01000193);
    second = Math.imul(second ^ unit, 0xc2b2ae35);
    second ^= second >>> 15;
  }
  first = Math.imul(first ^ (first >>> 16), 0x85ebca6b);
  second = Math.imul(second ^ (second >>> 13) ^ first, 0x27d4eb2f);
  return hex8(first ^ (second >>> 16)) + hex8(second ^ (first >>> 15));
}

export function lower(code: number): number {
  return code >= 65 && code <= 90 ? code + 32 : code;
}

/** Returns whether a code unit is a letter or digit; everything outside ASCII counts as a letter. */
export function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code > 127;
}
