import { generateSync } from 'json-schema-faker';
import type { Random } from '../random.ts';

/** The largest `minItems`, `minLength` or `minProperties` for which a value is generated. */
const MAX_MIN_SIZE = 1000;

/**
 * Generates a value that satisfies a JSON schema, as JSON text. Returns undefined if the schema is contradictory, has external
 * references or requires a value that is too large.
 */
export function generateJson(schema: unknown, random: Random): string | undefined {
  const seed = Math.floor(random() * 2 ** 31);
  if (exceedsMaxSize(schema)) return undefined;
  try {
    return JSON.stringify(generateSync(schema as never, { seed, alwaysFakeOptionals: true, maxDefaultItems: 3 }));
  } catch {
    return undefined;
  }
}

function exceedsMaxSize(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false;
  return Object.entries(schema).some(([key, value]) => {
    const bound = ['minItems', 'minLength', 'minProperties'].includes(key) && typeof value === 'number';
    return bound ? value > MAX_MIN_SIZE : exceedsMaxSize(value);
  });
}
