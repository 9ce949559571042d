import { type Body, isObject } from '../../mock-server/dialects/body.ts';

/** A non-empty text, or undefined for anything else. */
export function textIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A finite number that is not below zero, also one written as a text. */
export function numberIn(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined;
}

export function wholeIn(value: unknown): number | undefined {
  const number = numberIn(value);
  return number !== undefined && Number.isInteger(number) ? number : undefined;
}

export function objectIn(value: unknown): Body {
  return isObject(value) ? value : {};
}

/** What stands at a dotted path; a key that holds dots itself is found too. Undefined if there is nothing. */
export function at(value: unknown, path: string): unknown {
  if (!isObject(value)) {
    if (!Array.isArray(value)) return undefined;
    const [head = '', ...rest] = path.split('.');
    const item: unknown = /^\d+$/.test(head) ? value[Number(head)] : undefined;
    return rest.length === 0 ? item : at(item, rest.join('.'));
  }
  if (Object.hasOwn(value, path)) return value[path];
  const parts = path.split('.');
  for (let length = parts.length - 1; length > 0; length--) {
    const head = parts.slice(0, length).join('.');
    if (Object.hasOwn(value, head)) return at(value[head], parts.slice(length).join('.'));
  }
  return undefined;
}

/** Only the keys whose values are known. */
export function known<Shape extends object>(shape: Shape): { [Key in keyof Shape]?: Exclude<Shape[Key], undefined> } {
  return Object.fromEntries(Object.entries(shape).filter(([, value]) => value !== undefined)) as never;
}
