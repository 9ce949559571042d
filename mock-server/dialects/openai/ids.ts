import type { Random } from '../../random.ts';

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Every pair of letters and digits: half as many draws. */
const PAIRS = [...ALPHANUMERIC].flatMap((first) => [...ALPHANUMERIC].map((second) => first + second));

const hex8 = (random: Random): string =>
  Math.floor(random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0');

/** `req_` and 32 hex digits (`wire.md` 1.5). */
export const requestId = (random: Random): string => `req_${hex8(random)}${hex8(random)}${hex8(random)}${hex8(random)}`;

/** `chatcmpl-` and 29 letters and digits (`wire.md` 1.3). */
export function completionId(random: Random): string {
  let id = 'chatcmpl-';
  for (let pair = 0; pair < 14; pair++) id += PAIRS[Math.floor(random() * PAIRS.length)];
  return id + ALPHANUMERIC[Math.floor(random() * ALPHANUMERIC.length)];
}
