import { hex8 } from '../hex.ts';
import type { Random } from '../random.ts';

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Every pair of letters and digits: half as many draws. */
const PAIRS = [...ALPHANUMERIC].flatMap((first) => [...ALPHANUMERIC].map((second) => first + second));

const hexOf = (random: Random): string => hex8(random() * 2 ** 32);

/** 32 hex digits. */
export const hex32 = (random: Random): string => hexOf(random) + hexOf(random) + hexOf(random) + hexOf(random);

/** `prefix` and so many letters and digits. */
export function alphanumericId(prefix: string, length: number, random: Random): string {
  let id = prefix;
  for (let pair = 0; pair < length >> 1; pair++) id += PAIRS[Math.floor(random() * PAIRS.length)];
  return length % 2 === 0 ? id : id + ALPHANUMERIC[Math.floor(random() * ALPHANUMERIC.length)];
}
