import type { Random } from '../../random.ts';

const HEX = '0123456789abcdef';
const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** `length` characters of one alphabet; five are drawn from each number, which has 32 random bits. */
function draw(alphabet: string, length: number, random: Random): string {
  let text = '';
  while (text.length < length) {
    let bits = Math.floor(random() * 2 ** 31);
    for (let n = 0; n < 5 && text.length < length; n++) {
      text += alphabet[bits % alphabet.length];
      bits = Math.floor(bits / alphabet.length);
    }
  }
  return text;
}

/** `req_` and 32 hex digits (`wire.md` 1.5). */
export const requestId = (random: Random): string => `req_${draw(HEX, 32, random)}`;

/** `chatcmpl-` and 29 letters and digits (`wire.md` 1.3). */
export const completionId = (random: Random): string => `chatcmpl-${draw(ALPHANUMERIC, 29, random)}`;
