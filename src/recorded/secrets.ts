import { KEY_HEADERS } from '../../mock-server/dialects/any-dialect.ts';
import type { Headers } from './entry.ts';

/** Returns the API key of a request, from its headers or query. The caller must hash it at once. */
export function findApiKey(headers: Headers, target: string | undefined): string | undefined {
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

/** Words that look like a key, organization or account id, or are too random for plain text. */
const SECRET_PATTERN =
  /\b(?:(?:sk|pk|rk|gsk|xai|org|proj|user|key|req|AIza)[-_][\w*.-]{3,}[\w*]|(?=[\w*.+/=-]*\d)[\w*.+/=-]{15,}[\w*=])/gi;

/** Returns the message with possible secrets replaced by …, cut to `maxLength` characters. */
export function redact(message: string, maxLength: number): string {
  return message
    .slice(0, 4 * maxLength)
    .replace(SECRET_PATTERN, (word) => (/^[A-Za-z]+\/\d+(\.\d+)*$/.test(word) ? word : '…'))
    .slice(0, maxLength);
}

/** Returns the value if it looks like the name of a model, code or type, or like a status; other text must not be kept. */
export function asSafeName(value: unknown, maxLength = 100): string | undefined {
  const fits = typeof value === 'string' && value.length <= maxLength && /^([A-Za-z][\w.:/@-]*|\d{3})$/.test(value);
  return fits && !/^(sk|gsk|xai|AIza)[-_]?\w{12}/.test(value) ? value : undefined;
}
