import { isObject } from '../../mock-server/dialects/body.ts';

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
