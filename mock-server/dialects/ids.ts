import { hex8 } from '../hex.ts';
import type { Random } from '../random.ts';

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** All two-character combinations, to halve the number of random draws per ID. */
const PAIRS = [...ALPHANUMERIC].flatMap((first) => [...ALPHANUMERIC].map((second) => first + second));

const randomHex8 = (random: Random): string => hex8(random() * 2 ** 32);

/** Returns 32 random hex digits. */
export const hex32 = (random: Random): string =>
  randomHex8(random) + randomHex8(random) + randomHex8(random) + randomHex8(random);

/** Returns `prefix` followed by `length` random letters and digits. */
export function alphanumericId(prefix: string, length: number, random: Random): string {
  let id = prefix;
  for (let pair = 0; pair < length >> 1; pair++) id += PAIRS[Math.floor(random() * PAIRS.length)];
  return length % 2 === 0 ? id : id + ALPHANUMERIC[Math.floor(random() * ALPHANUMERIC.length)];
}
