import { type Body, isObject } from './dialects/body.ts';

/** Returns a non-empty string, or undefined for any other value. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Returns a finite number ≥ 0, given as a number or a string; undefined for any other value. */
export function asNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined;
}

/** Returns an integer ≥ 0, given as a number or a string; undefined for any other value. */
export function asInteger(value: unknown): number | undefined {
  const number = asNumber(value);
  return number !== undefined && Number.isInteger(number) ? number : undefined;
}

/** Returns the object, or an empty one for any other value. */
export function asObject(value: unknown): Body {
  return isObject(value) ? value : {};
}

/** Returns any value of a request as text: a string as it is, all others as JSON. `String` would call what their fields hold. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
}

/** Returns the objects of a list; empty for any other value. */
export function asObjects(value: unknown): Body[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** Returns the object without the keys whose values are undefined. */
export function omitUndefined<Shape extends object>(
  shape: Shape,
): { [Key in keyof Shape]?: Exclude<Shape[Key], undefined> } {
  return Object.fromEntries(Object.entries(shape).filter(([, value]) => value !== undefined)) as never;
}

/** Parses a text as JSON; returns undefined if it is not valid. */
export function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
