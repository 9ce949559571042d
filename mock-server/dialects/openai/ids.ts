import { hex8 } from '../../hex.ts';
import type { Random } from '../../random.ts';

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Every pair of letters and digits: half as many draws. */
const PAIRS = [...ALPHANUMERIC].flatMap((first) => [...ALPHANUMERIC].map((second) => first + second));

const hexOf = (random: Random): string => hex8(random() * 2 ** 32);

/** `req_` and 32 hex digits (`wire.md` 1.5). */
export const requestId = (random: Random): string =>
  `req_${hexOf(random)}${hexOf(random)}${hexOf(random)}${hexOf(random)}`;

/** `chatcmpl-` and 29 letters and digits (`wire.md` 1.3). */
export function completionId(random: Random): string {
  let id = 'chatcmpl-';
  for (let pair = 0; pair < 14; pair++) id += PAIRS[Math.floor(random() * PAIRS.length)];
  return id + ALPHANUMERIC[Math.floor(random() * ALPHANUMERIC.length)];
}
