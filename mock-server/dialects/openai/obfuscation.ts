import { type Random, randomFor } from '../../random.ts';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const LONGEST = 16;

/** Letters in one fixed disorder, to cut pieces from. */
const POOL = pool(4096);

function pool(length: number): string {
  const random = randomFor(0, 'obfuscation');
  let letters = '';
  for (let at = 0; at < length; at++) letters += LETTERS[Math.floor(random() * LETTERS.length)];
  return letters;
}

/** Draws one padding, to be put into words by `obfuscation`. */
export function drawObfuscation(random: Random): number {
  return Math.floor(random() * (POOL.length - LONGEST) * LONGEST);
}

/** The padding of random length by which the provider hides how long the tokens of a stream are (`wire.md` 1.4). */
export function obfuscation(drawn: number): string {
  const start = Math.floor(drawn / LONGEST);
  return POOL.slice(start, start + 1 + (drawn % LONGEST));
}
