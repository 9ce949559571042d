/** Two words that together name a secret, or one that does alone: `api_key`, `accessToken`, `X-Secret`, `PGPASSWORD`. */
const NAMES =
  /(?:^|_)(?:authorization|cookies?|credentials?|jwt|passphrase|passwd|password|pw|pwd|secrets?|session_id|sessionid|signature)$|(?:^|_)(?:access|account|admin|api|auth|client|encryption|license|licence|master|private|secret|service|signing|storage|subscription)_?keys?(?:_id)?$|(?:apikey|password|passwd|secret)$/;

/** Names that end in `token` are secrets, unless what stands before says that a unit of text is meant. */
const TOKEN = /(?:^|_)([a-z0-9]*?)_?token$/;
const UNITS_OF_TEXT = new Set(
  'bos cached completion each eos first input last max min next output pad per prompt special stop total unexpected unk'.split(
    ' ',
  ),
);

/** Secrets in a query, a flag or a short field; elsewhere, words of everyday text. */
const SHORT_NAMES = /(?:^|_)(?:key|auth|pass|sig|bearer|token_id)$/;

/** Names of which the whole value is hidden, with all its words: `Authorization: Bearer …`. */
const LONG_VALUES = /(?:^|_)(?:authorization|cookies?)$/;

/** `apiKey`, `X-Api-Key`, `OPENAI_API_KEY` and `client.env.API_KEY` as words in lower case, joined by `_`. */
function wordsOf(name: string): string {
  return name
    .slice(-MAX_NAME_LENGTH)
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase();
}

const MAX_NAME_LENGTH = 100;

/** How surely the value of a header, field, flag, variable or parameter of this name is a secret. */
export type Secrecy = 'never' | 'if-random' | 'always' | 'whole-line';

/** Returns how surely a value is a secret, judged by its name in any notation. */
export function secrecyOf(name: string): Secrecy {
  const words = wordsOf(name);
  if (LONG_VALUES.test(words)) return 'whole-line';
  if (NAMES.test(words)) return 'always';
  const before = TOKEN.exec(words)?.[1];
  if (before !== undefined && !UNITS_OF_TEXT.has(before)) return 'always';
  return SHORT_NAMES.test(words) ? 'if-random' : 'never';
}
