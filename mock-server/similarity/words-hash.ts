import { hex8 } from '../hex.ts';

/**
 * Sixteen hex digits that are the same for texts of the same words: case, punctuation and spaces apart, which clients change
 * without meaning it. Unlike a SimHash it differs where one word of hundreds does. Fast, not secret.
 */
export function wordsHash(text: string): string {
  let one = 0x9e3779b1;
  let two = 0x85ebca6b;
  let inWord = false;
  for (let at = 0; at <= text.length; at++) {
    const code = at < text.length ? lower(text.charCodeAt(at)) : 32;
    const isWord = isLetter(code);
    // The end of a word counts once, whatever follows it.
    if (!isWord && !inWord) continue;
    const unit = isWord ? code : 32;
    inWord = isWord;
    one = Math.imul(one ^ unit, 0x01000193);
    two = Math.imul(two ^ unit, 0xc2b2ae35);
    two ^= two >>> 15;
  }
  one = Math.imul(one ^ (one >>> 16), 0x85ebca6b);
  two = Math.imul(two ^ (two >>> 13) ^ one, 0x27d4eb2f);
  return hex8(one ^ (two >>> 16)) + hex8(two ^ (one >>> 15));
}

export function lower(code: number): number {
  return code >= 65 && code <= 90 ? code + 32 : code;
}

/** Letters and digits; everything outside ASCII counts as a letter. */
export function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code > 127;
}
