import { addToFirst, addToSecond, FIRST_START, formatHashes, SECOND_START } from '../hash.ts';

/**
 * Returns 16 hex digits that are equal for texts with the same words. It ignores case, punctuation and spaces, which clients
 * may change. Unlike a SimHash, it differs if a single word does. Fast, but not one-way.
 */
export function wordsHash(text: string): string {
  let first = FIRST_START;
  let second = SECOND_START;
  let inWord = false;
  for (let at = 0; at <= text.length; at++) {
    const code = at < text.length ? lower(text.charCodeAt(at)) : 32;
    const isWord = isLetter(code);
    // Hash the end of a word once, however many separators follow.
    if (!isWord && !inWord) continue;
    const unit = isWord ? code : 32;
    inWord = isWord;
    first = addToFirst(first, unit);
    second = addToSecond(second, unit);
  }
  return formatHashes(first, second, 0);
}

export function lower(code: number): number {
  return code >= 65 && code <= 90 ? code + 32 : code;
}

/** Returns whether a code unit is a letter or digit; everything outside ASCII counts as a letter. */
export function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code > 127;
}
