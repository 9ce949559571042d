import { KEY_HEADERS } from '../../mock-server/dialects/any-dialect.ts';
import { createRedactor } from '../../mock-server/redaction/redactor.ts';
import { hideIds, hideShapes } from '../../mock-server/redaction/secret-shapes.ts';
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

const redactor = createRedactor();

/** Returns the message without secrets and ids, cut to `maxLength` characters. */
export function redact(message: string, maxLength: number): string {
  return hideIds(redactor.text(message.slice(0, 4 * maxLength))).slice(0, maxLength);
}

/** Returns the value if it looks like the name of a model, code or type, or like a status; other text must not be kept. */
export function asSafeName(value: unknown, maxLength = 100): string | undefined {
  const fits = typeof value === 'string' && value.length <= maxLength && /^([A-Za-z][\w.:/@-]*|\d{3})$/.test(value);
  return fits && hideShapes(value) === value ? value : undefined;
}
