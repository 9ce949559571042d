import type { Headers } from './entry.ts';

/** Headers in which APIs take their key (`wire.md`); Azure's bearer tokens stand in `authorization` too. */
const KEY_HEADERS = ['authorization', 'api-key', 'x-api-key', 'x-goog-api-key', 'ocp-apim-subscription-key'];

/** The key that a request was made with, wherever it stands; to be hashed at once. */
export function keyIn(headers: Headers, target: string | undefined): string | undefined {
  for (const name of KEY_HEADERS) {
    const value = headers[name]?.replace(/^(bearer|basic)\s+/i, '').trim();
    if (value) return value;
  }
  return queryOf(target).get('key') ?? undefined;
}

export function pathOf(target: string | undefined): string | undefined {
  return target?.split(/[?#]/, 1)[0];
}

function queryOf(target: string | undefined): URLSearchParams {
  return new URLSearchParams(target?.split('?')[1] ?? '');
}

/** Words that mean a key, organisation or account, or are too random to be words. */
const SECRET =
  /\b(?:(?:sk|pk|rk|gsk|xai|org|proj|user|key|req|AIza)[-_][\w*.-]{3,}[\w*]|(?=[\w*.+/=-]*\d)[\w*.+/=-]{15,}[\w*=])/gi;

/** A message without what may be a key, and not longer than `most`. */
export function redacted(message: string, most: number): string {
  return message
    .slice(0, 4 * most)
    .replace(SECRET, (word) => (/^[A-Za-z]+\/\d+(\.\d+)*$/.test(word) ? word : '…'))
    .slice(0, most);
}

/** A name as APIs give them to models, codes and types; anything else is text that must not be kept. */
export function nameIn(value: unknown, longest = 100): string | undefined {
  const fits = typeof value === 'string' && value.length <= longest && /^[A-Za-z][\w.:/@-]*$/.test(value);
  return fits && !/^(sk|gsk|xai|AIza)[-_]?\w{12}/.test(value) ? value : undefined;
}
