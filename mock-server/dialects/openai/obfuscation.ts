import { type Random, randomFor } from '../../random.ts';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const MAX_LENGTH = 16;

/** A fixed random string from which padding is cut. */
const POOL = createPool(4096);

function createPool(length: number): string {
  const random = randomFor(0, 'obfuscation');
  let letters = '';
  for (let index = 0; index < length; index++) letters += LETTERS[Math.floor(random() * LETTERS.length)];
  return letters;
}

/** Draws a number that `obfuscation` expands to a padding. */
export function drawObfuscation(random: Random): number {
  return Math.floor(random() * (POOL.length - MAX_LENGTH) * MAX_LENGTH);
}

/** Returns a padding of random length, with which the provider hides token lengths in streams (`wire.md` 1.4). */
export function obfuscation(drawn: number): string {
  const start = Math.floor(drawn / MAX_LENGTH);
  return POOL.slice(start, start + 1 + (drawn % MAX_LENGTH));
}
