import { generateSync } from 'json-schema-faker';
import type { Random } from '../random.ts';

/** More than an answer would hold. */
const TOO_MANY = 1000;

/**
 * A value that satisfies a JSON schema, as JSON text, or undefined for a schema that cannot be satisfied here: one that
 * contradicts itself, refers outside itself, or asks for more than an answer holds.
 */
export function jsonFor(schema: unknown, random: Random): string | undefined {
  const seed = Math.floor(random() * 2 ** 31);
  if (asksTooMuch(schema)) return undefined;
  try {
    return JSON.stringify(generateSync(schema as never, { seed, alwaysFakeOptionals: true, maxDefaultItems: 3 }));
  } catch {
    return undefined;
  }
}

function asksTooMuch(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false;
  return Object.entries(schema).some(([key, value]) => {
    const bound = ['minItems', 'minLength', 'minProperties'].includes(key) && typeof value === 'number';
    return bound ? value > TOO_MANY : asksTooMuch(value);
  });
}
