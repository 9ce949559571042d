import { type Body, isObject } from '../../mock-server/dialects/body.ts';

/** Returns a non-empty string, or undefined for any other value. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Returns a finite number ≥ 0, also if written as a string, or undefined. */
export function asNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined;
}

/** Returns an integer ≥ 0, also if written as a string, or undefined. */
export function asInteger(value: unknown): number | undefined {
  const number = asNumber(value);
  return number !== undefined && Number.isInteger(number) ? number : undefined;
}

/** Returns the object, or an empty one for any other value. */
export function asObject(value: unknown): Body {
  return isObject(value) ? value : {};
}

/** Returns the value at a dotted path, or undefined. Keys that contain dots are found too. */
export function getPath(value: unknown, path: string): unknown {
  if (!isObject(value)) {
    if (!Array.isArray(value)) return undefined;
    const [head = '', ...rest] = path.split('.');
    const item: unknown = /^\d+$/.test(head) ? value[Number(head)] : undefined;
    return rest.length === 0 ? item : getPath(item, rest.join('.'));
  }
  if (Object.hasOwn(value, path)) return value[path];
  const parts = path.split('.');
  for (let length = parts.length - 1; length > 0; length--) {
    const head = parts.slice(0, length).join('.');
    if (Object.hasOwn(value, head)) return getPath(value[head], parts.slice(length).join('.'));
  }
  return undefined;
}

/** Returns the object without the keys whose values are undefined. */
export function omitUndefined<Shape extends object>(
  shape: Shape,
): { [Key in keyof Shape]?: Exclude<Shape[Key], undefined> } {
  return Object.fromEntries(Object.entries(shape).filter(([, value]) => value !== undefined)) as never;
}
