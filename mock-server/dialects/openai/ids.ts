import type { Random } from '../../random.ts';

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Every pair of letters and digits: half as many draws. */
const PAIRS = [...ALPHANUMERIC].flatMap((first) => [...ALPHANUMERIC].map((second) => first + second));

/** Every byte in hex: cheaper than printing numbers, and every reply needs sixteen. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function hex8(random: Random): string {
  const bits = random() * 2 ** 32;
  return HEX[bits >>> 24]! + HEX[(bits >>> 16) & 255] + HEX[(bits >>> 8) & 255] + HEX[bits & 255];
}

/** `req_` and 32 hex digits (`wire.md` 1.5). */
export const requestId = (random: Random): string => `req_${hex8(random)}${hex8(random)}${hex8(random)}${hex8(random)}`;

/** `chatcmpl-` and 29 letters and digits (`wire.md` 1.3). */
export function completionId(random: Random): string {
  let id = 'chatcmpl-';
  for (let pair = 0; pair < 14; pair++) id += PAIRS[Math.floor(random() * PAIRS.length)];
  return id + ALPHANUMERIC[Math.floor(random() * ALPHANUMERIC.length)];
}
