import { hideNamed } from './hide-named.ts';
import { printable } from './printable.ts';
import { secrecyOf } from './secret-names.ts';
import { HIDDEN, hideShapes, looksRandom } from './secret-shapes.ts';

/** Shorter values, and words of a language, would be hidden where they mean something else. */
const MIN_LENGTH = 6;
/** Of more keys than this, later ones are only known by their names and shapes. */
const MAX_VALUES = 1000;
/** What `digest.ts` makes of a secret. */
const HASH = /^[0-9a-f]{16}$/;
/** Texts that are kept with their results: model names and user agents recur. */
const MAX_MEMORY = 2000;

/** Makes texts fit to leave the tool: without secrets, and without characters that a terminal obeys. */
export interface Redactor {
  /** Hides these values from now on, wherever and however they are written. */
  learn(values: Iterable<string>): void;
  text(text: string): string;
  /** Hides only the known values: for texts that show names and examples on purpose. */
  hideValues(text: string): string;
  /** Returns a name that may be a secret as it is or as its hash, so that different names stay different. */
  name(name: string, hash: (text: string) => string): string;
  /** Returns a copy of a value of plain objects and lists with all its texts redacted, those under secret names completely. */
  value<Value>(value: Value): Value;
}

/**
 * Creates a redactor. Secrets are recognised by name (`secret-names.ts`), by shape (`secret-shapes.ts`), and by value: `values`
 * are those of the run's own configuration, environment and headers.
 */
export function createRedactor(values: Iterable<string> = []): Redactor {
  let known: string[] = [];
  let memory = new Map<string, string>();
  const text = (given: string): string => {
    const remembered = memory.get(given);
    if (remembered !== undefined) return remembered;
    const redacted = printable(hideNamed(hideShapes(hideValues(given, known)), 'prose'));
    if (memory.size >= MAX_MEMORY) memory = new Map();
    if (given.length < 500) memory.set(given, redacted);
    return redacted;
  };
  const redactor: Redactor = {
    learn(learnt) {
      const added = [...learnt].filter(isRecognisable).flatMap(formsOf);
      const all = new Set([...known, ...added]);
      if (all.size === known.length || known.length >= MAX_VALUES) return;
      // A value may be a part of another one.
      known = [...all].sort((a, b) => b.length - a.length);
      memory = new Map();
    },
    text,
    hideValues: (given) => hideValues(given, known),
    name: (name, hash) => (text(name) === name ? name : hash(name)),
    value: (value) => redactValue(value, text) as never,
  };
  redactor.learn(values);
  return redactor;
}

/** Returns the values of variables, headers or fields that are secret by their names or shapes. */
export function secretValues(named: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(named).flatMap(([name, value = '']) => {
    const secrecy = secrecyOf(name);
    const isSecret =
      secrecy === 'always' || secrecy === 'whole-line' || hideShapes(value) !== value || isKeyLike(value);
    return isSecret ? [value, ...value.split(/[\s:@/]+/)] : [];
  });
}

/** A long value without words: not the name of a model, a path or an address. */
function isKeyLike(value: string): boolean {
  return /^[\w+/=-]{20,}$/.test(value) && /\d/.test(value) && /[a-z]/.test(value) && /[A-Z]/.test(value);
}

function isRecognisable(value: string): boolean {
  return value.length >= MIN_LENGTH && looksRandom(value) && value !== HIDDEN;
}

/** A value as it is, in a URL, in JSON and in Base64. */
function formsOf(value: string): string[] {
  const isLatin = /^[\u0020-\u00ff]*$/.test(value);
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    ...(value.isWellFormed() ? [encodeURIComponent(value)] : []),
    ...(isLatin ? [btoa(value)] : []),
  ];
}

function hideValues(text: string, values: readonly string[]): string {
  let result = text;
  for (const value of values) if (result.includes(value)) result = result.replaceAll(value, HIDDEN);
  return result;
}

function redactValue(value: unknown, text: (text: string) => string): unknown {
  if (typeof value === 'string') return text(value);
  if (Array.isArray(value)) return value.map((item) => redactValue(item, text));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [text(name), redactField(name, field, text)]));
}

function redactField(name: string, field: unknown, text: (text: string) => string): unknown {
  if (typeof field !== 'string' || field === '' || HASH.test(field)) return redactValue(field, text);
  const secrecy = secrecyOf(name);
  if (secrecy === 'always' || secrecy === 'whole-line') return HIDDEN;
  return secrecy === 'if-random' && looksRandom(field) ? HIDDEN : text(field);
}
