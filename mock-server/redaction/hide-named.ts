import { secrecyOf } from './secret-names.ts';
import { HIDDEN, looksRandom } from './secret-shapes.ts';

/**
 * Where a text comes from. In `prose`, `password: missing` is a sentence and `--token is required` too; in a `command` they are a
 * header and a flag with their values.
 */
export type Setting = 'prose' | 'command';

/** A name and what separates it from its value: `name=`, `name: `, `"name": "`, `name\": \"`, `name%3D`. */
const NAMED = /([A-Za-z_$][\w.$-]{1,80})(?:\\{0,3}["'`])?\]?(\s{0,4}(?:=>|[:=])\s{0,4}|%3[AD])/g;
const QUOTE = /\\{0,3}["'`]/y;
/** Longer values are hidden in part: names may follow each other without an end. */
const REST_OF_LINE = /[^"'`\\\r\n]{0,4000}/y;
const WORD = /[^\s"'`,;&|<>()[\]{}\\]{0,4000}/y;
const MAX_QUOTED_CHARS = 100_000;

/** A schema and a key, as in `Authorization`. */
const CREDENTIALS = /^[A-Za-z][\w-]{2,20} +\S/;

/** Names of values, values that nobody keeps secret, and hashes (`digest.ts`). */
const NO_SECRET =
  /^(?:\$|\$\{?[A-Za-z_]\w*\}?|\{\{.*|<.*|%\w+%|process\.env.*|os\.environ.*|true|false|null|undefined|None|none|\d{1,4}|[0-9a-f]{16}|(?:[A-Za-z]+ )?[*…]+|)$/;

/** Hides the values of headers, fields, parameters and variables whose names say that they are secret. */
export function hideNamed(text: string, setting: Setting): string {
  let result = '';
  let copied = 0;
  NAMED.lastIndex = 0;
  for (let found = NAMED.exec(text); found; found = NAMED.exec(text)) {
    const [, name = '', separator = ''] = found;
    const secrecy = secrecyOf(name);
    if (secrecy === 'never') continue;
    const { start, end, isQuoted } = valueAt(text, NAMED.lastIndex, secrecy === 'whole-line');
    const value = text.slice(start, end);
    const isStated = isQuoted || setting === 'command' || separator.includes('=') || separator.startsWith('%');
    if (!isSecret(value, secrecy, isStated)) continue;
    result += text.slice(copied, start) + HIDDEN;
    copied = end;
    NAMED.lastIndex = Math.max(end, NAMED.lastIndex);
  }
  return copied === 0 ? text : result + text.slice(copied);
}

function isSecret(value: string, secrecy: ReturnType<typeof secrecyOf>, isStated: boolean): boolean {
  if (NO_SECRET.test(value)) return false;
  if (secrecy === 'if-random') return looksRandom(value);
  if (isStated) return true;
  if (secrecy !== 'whole-line') return looksRandom(value);
  return (
    (CREDENTIALS.test(value) && /^(?:Bearer|Basic|Token|Digest)\b/i.test(value)) || value.split(/\s+/).some(looksRandom)
  );
}

/** The value that starts at an index, without its quotes. */
function valueAt(text: string, from: number, isLine: boolean): { start: number; end: number; isQuoted: boolean } {
  QUOTE.lastIndex = from;
  const quote = QUOTE.exec(text)?.[0];
  if (quote !== undefined) {
    const start = from + quote.length;
    const closing = text.indexOf(quote, start);
    const isClosed = closing >= 0 && closing - start <= MAX_QUOTED_CHARS;
    return { start, end: isClosed ? closing : endOf(REST_OF_LINE, text, start), isQuoted: true };
  }
  return { start: from, end: endOf(isLine ? REST_OF_LINE : WORD, text, from), isQuoted: false };
}

function endOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return from + (pattern.exec(text)?.[0].length ?? 0);
}
