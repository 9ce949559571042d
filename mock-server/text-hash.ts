import { hex8 } from './hex.ts';

/**
 * Sixteen hex digits by which texts can be compared: two 32-bit hashes (MurmurHash3's steps, with different constants) of
 * its UTF-16 units. Fast, not secret: what must not be guessed goes through `digest`.
 */
export function textHash(text: string): string {
  let one = 0x9e3779b1;
  let two = 0x85ebca6b;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    one = Math.imul(one ^ unit, 0x01000193);
    two = Math.imul(two ^ (unit + at), 0xc2b2ae35);
    two ^= two >>> 15;
  }
  one = Math.imul(one ^ (one >>> 16) ^ text.length, 0x85ebca6b);
  two = Math.imul(two ^ (two >>> 13) ^ one, 0x27d4eb2f);
  return hex8(one ^ (two >>> 16)) + hex8(two ^ (one >>> 15));
}
