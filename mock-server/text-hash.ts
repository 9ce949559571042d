import { hex8 } from './hex.ts';

/**
 * Returns 16 hex digits for comparing texts: two 32-bit hashes of the UTF-16 units (MurmurHash3 steps with different
 * constants). Fast, but not one-way: use `digest` for secrets.
 */
export function textHash(text: string): string {
  let first = 0x9e3779b1;
  let second = 0x85ebca6b;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    first = Math.imul(first ^ unit, 0x01000193);
    second = Math.imul(second ^ (unit + at), 0xc2b2ae35);
    second ^= second >>> 15;
  }
  first = Math.imul(first ^ (first >>> 16) ^ text.length, 0x85ebca6b);
  second = Math.imul(second ^ (second >>> 13) ^ first, 0x27d4eb2f);
  return hex8(first ^ (second >>> 16)) + hex8(second ^ (first >>> 15));
}
