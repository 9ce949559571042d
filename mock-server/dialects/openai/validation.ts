import { type Body, isObject } from '../body.ts';
import type { ResponseDraft } from '../dialect.ts';
import { invalidRequest, missingModel, unknownModel } from './errors.ts';
import { modelExists } from './models.ts';

/** Returns the provider's error for a body, or undefined if the check passes. */
export type BodyCheck = (body: Body) => ResponseDraft | undefined;

/** Runs checks in order, which is the provider's, and returns the first error. */
export function firstError(checks: readonly BodyCheck[], body: Body): ResponseDraft | undefined {
  for (const check of checks) {
    const error = check(body);
    if (error) return error;
  }
  return undefined;
}

/** Checks that `model` is present and exists. */
export function checkModel(body: Body, models: 'any' | readonly string[]): ResponseDraft | undefined {
  if (body.model === undefined || body.model === '') return missingModel();
  if (typeof body.model !== 'string') return invalidType('model', 'a string', body.model);
  return modelExists(body.model, models) ? undefined : unknownModel(body.model);
}

export function missing(param: string): ResponseDraft {
  return invalidRequest(400, `Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
}

export function emptyArray(param: string): ResponseDraft {
  const message = `Invalid '${param}': empty array. Expected an array with minimum length 1, but got an empty array instead.`;
  return invalidRequest(400, message, param, 'empty_array');
}

export function invalidType(param: string, expected: string, got: unknown): ResponseDraft {
  const message = `Invalid type for '${param}': expected ${expected}, but got ${describeType(got)} instead.`;
  return invalidRequest(400, message, param, 'invalid_type');
}

export function invalidValue(param: string, got: string, supported: readonly string[]): ResponseDraft {
  const quoted = supported.map((value) => `'${value}'`);
  const list = quoted.length === 1 ? quoted[0] : `${quoted.slice(0, -1).join(', ')}, and ${quoted.at(-1)}`;
  return invalidRequest(400, `Invalid value: '${got}'. Supported values are: ${list}.`, param, 'invalid_value');
}

/** Returns the error of a value that is present. */
type ValueCheck = (value: unknown) => ResponseDraft | undefined;

/** Returns what reads a parameter, undefined if it is null; `a.b` is the field `b` of the object `a`. */
function readerOf(param: string): (body: Body) => unknown {
  const fields = param.split('.');
  return (body) =>
    fields.reduce<unknown>((outer, field) => (isObject(outer) ? outer[field] : undefined), body) ?? undefined;
}

function ifPresent(param: string, check: ValueCheck): BodyCheck {
  const read = readerOf(param);
  return (body) => {
    const value = read(body);
    return value === undefined ? undefined : check(value);
  };
}

/** Checks that `param` is present. */
export function required(param: string): BodyCheck {
  const read = readerOf(param);
  return (body) => (read(body) === undefined ? missing(param) : undefined);
}

/** Checks that `param`, if present, is an integer from `min` to `max`. */
export function wholeNumber(param: string, min: number, max = Number.MAX_SAFE_INTEGER): BodyCheck {
  return ifPresent(param, (value) =>
    typeof value === 'number' && Number.isInteger(value)
      ? outOfRange(param, value, { kind: 'integer', min, max })
      : invalidType(param, 'an integer', value),
  );
}

/** Checks that `param`, if present, is a number from `min` to `max`. */
export function decimal(param: string, min: number, max: number): BodyCheck {
  return ifPresent(param, (value) =>
    typeof value === 'number'
      ? outOfRange(param, value, { kind: 'decimal', min, max })
      : invalidType(param, 'a decimal', value),
  );
}

export function flag(param: string): BodyCheck {
  return ifPresent(param, (value) => (typeof value === 'boolean' ? undefined : invalidType(param, 'a boolean', value)));
}

export function text(param: string): BodyCheck {
  return ifPresent(param, (value) => (typeof value === 'string' ? undefined : invalidType(param, 'a string', value)));
}

export function object(param: string): BodyCheck {
  return ifPresent(param, (value) => (isObject(value) ? undefined : invalidType(param, 'an object', value)));
}

export function objects(param: string): BodyCheck {
  return ifPresent(param, (value) =>
    Array.isArray(value) && value.every(isObject) ? undefined : invalidType(param, 'an array of objects', value),
  );
}

/** Checks that `param`, if present, is one of `words`. */
export function oneOf(param: string, words: readonly string[]): BodyCheck {
  return ifPresent(param, (value) => {
    if (words.some((word) => word === value)) return undefined;
    return typeof value === 'string' ? invalidValue(param, value, words) : invalidType(param, 'a string', value);
  });
}

/** Checks that `metadata`, if present, is an object of strings. */
export const metadata: BodyCheck = ({ metadata: given }) => {
  if (given === undefined || given === null) return undefined;
  if (!isObject(given)) return invalidType('metadata', 'an object', given);
  const error = Object.entries(given).find(([, value]) => typeof value !== 'string');
  return error && invalidType(`metadata.${error[0]}`, 'a string', error[1]);
};

interface Bounds {
  readonly kind: 'integer' | 'decimal';
  readonly min: number;
  readonly max: number;
}

function outOfRange(param: string, value: number, { kind, min, max }: Bounds): ResponseDraft | undefined {
  if (value >= min && value <= max) return undefined;
  const [side, expected, code] =
    value < min ? ['below minimum', `>= ${min}`, 'below_min_value'] : ['above maximum', `<= ${max}`, 'above_max_value'];
  const message = `Invalid '${param}': ${kind} ${side} value. Expected a value ${expected}, but got ${value} instead.`;
  return invalidRequest(400, message, param, `${kind}_${code}`);
}

function describeType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a decimal';
  return `a ${typeof value}`;
}
