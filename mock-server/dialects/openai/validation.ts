import { type Body, isObject } from '../body.ts';
import type { Content } from '../dialect.ts';
import { invalidRequest, noModel, unknownModel } from './errors.ts';
import { modelExists } from './models.ts';

/** The first thing wrong with a body, as the provider words it, or undefined. */
export type BodyCheck = (body: Body) => Content | undefined;

/** The first thing wrong, by a list of checks in the provider's order. */
export function firstWrong(checks: readonly BodyCheck[], body: Body): Content | undefined {
  for (const check of checks) {
    const wrong = check(body);
    if (wrong) return wrong;
  }
  return undefined;
}

/** The model must be named, and exist. */
export function checkModel(body: Body, models: 'any' | readonly string[]): Content | undefined {
  if (body.model === undefined || body.model === '') return noModel();
  if (typeof body.model !== 'string') return invalidType('model', 'a string', body.model);
  return modelExists(body.model, models) ? undefined : unknownModel(body.model);
}

export function missing(param: string): Content {
  return invalidRequest(400, `Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
}

export function emptyArray(param: string): Content {
  const message = `Invalid '${param}': empty array. Expected an array with minimum length 1, but got an empty array instead.`;
  return invalidRequest(400, message, param, 'empty_array');
}

export function invalidType(param: string, expected: string, got: unknown): Content {
  const message = `Invalid type for '${param}': expected ${expected}, but got ${described(got)} instead.`;
  return invalidRequest(400, message, param, 'invalid_type');
}

export function invalidValue(param: string, got: string, supported: readonly string[]): Content {
  const quoted = supported.map((value) => `'${value}'`);
  const list = quoted.length === 1 ? quoted[0] : `${quoted.slice(0, -1).join(', ')}, and ${quoted.at(-1)}`;
  return invalidRequest(400, `Invalid value: '${got}'. Supported values are: ${list}.`, param, 'invalid_value');
}

/** A check that `param`, where it is given, is a whole number from `least` to `most`. */
export function wholeNumber(param: string, least: number, most = Number.MAX_SAFE_INTEGER): BodyCheck {
  return (body) => {
    const value = body[param];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'number' || !Number.isInteger(value)) return invalidType(param, 'an integer', value);
    return outOfRange(param, 'integer', value, least, most);
  };
}

/** A check that `param`, where it is given, is a number from `least` to `most`. */
export function decimal(param: string, least: number, most: number): BodyCheck {
  return (body) => {
    const value = body[param];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'number') return invalidType(param, 'a decimal', value);
    return outOfRange(param, 'decimal', value, least, most);
  };
}

export function flag(param: string): BodyCheck {
  return (body) => {
    const value = body[param];
    const fine = value === undefined || value === null || typeof value === 'boolean';
    return fine ? undefined : invalidType(param, 'a boolean', value);
  };
}

/** A check that `param`, where it is given, is one of some words. */
export function oneOf(param: string, words: readonly string[]): BodyCheck {
  return (body) => {
    const value = body[param];
    if (value === undefined || value === null || words.some((word) => word === value)) return undefined;
    return typeof value === 'string' ? invalidValue(param, value, words) : invalidType(param, 'a string', value);
  };
}

/** A check that metadata is what the provider stores: 16 short texts at most. */
export const metadata: BodyCheck = ({ metadata: given }) => {
  if (given === undefined || given === null) return undefined;
  if (!isObject(given)) return invalidType('metadata', 'an object', given);
  const wrong = Object.entries(given).find(([, value]) => typeof value !== 'string');
  return wrong && invalidType(`metadata.${wrong[0]}`, 'a string', wrong[1]);
};

function outOfRange(param: string, kind: string, value: number, least: number, most: number): Content | undefined {
  if (value < least) return rangeError(param, kind, value, 'below minimum', `>= ${least}`, 'below_min_value');
  if (value > most) return rangeError(param, kind, value, 'above maximum', `<= ${most}`, 'above_max_value');
  return undefined;
}

function rangeError(param: string, kind: string, got: number, side: string, expected: string, code: string): Content {
  const message = `Invalid '${param}': ${kind} ${side} value. Expected a value ${expected}, but got ${got} instead.`;
  return invalidRequest(400, message, param, `${kind}_${code}`);
}

function described(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a decimal';
  return `a ${typeof value}`;
}
