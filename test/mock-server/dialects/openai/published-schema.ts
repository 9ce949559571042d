import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/** A subset of the published schema; not part of the repository. */
const file = fileURLToPath(new URL('../../../../../shared/data/openai-openapi-subset.json', import.meta.url));

/** Validates a value against a definition of the schema; returns the errors, or undefined. */
export type SchemaErrors = (name: string, value: unknown) => string | undefined;

export const hasPublishedSchema = existsSync(file);

let read: SchemaErrors | undefined;

/** Reads OpenAI's published schema, once. */
export function readPublishedSchema(): SchemaErrors {
  read ??= compileSchema();
  return read;
}

function compileSchema(): SchemaErrors {
  const ajv = new Ajv2020({ strict: false, allErrors: false, discriminator: false });
  (addFormats as unknown as (to: Ajv2020) => void)(ajv);
  ajv.addFormat('unixtime', { type: 'number', validate: Number.isInteger });
  ajv.addSchema(withNulls(JSON.parse(readFileSync(file, 'utf8'))) as object, 'openai');
  const checks = new Map<string, ValidateFunction>();
  return (name, value) => {
    let check = checks.get(name);
    if (!check) {
      check = ajv.compile({ $ref: `openai#/components/schemas/${name}` });
      checks.set(name, check);
    }
    return check(value)
      ? undefined
      : `${ajv.errorsText(check.errors)}\n${JSON.stringify(value, null, 1).slice(0, 2000)}`;
  };
}

/** Converts OpenAPI's `nullable` to JSON Schema. */
function withNulls(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withNulls);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { nullable, ...rest } = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, withNulls(value)]),
  );
  return nullable === true ? { anyOf: [rest, { type: 'null' }] } : rest;
}

/** Parses the JSON of all data lines of a stream. */
export function dataOf(stream: string): unknown[] {
  return stream
    .split('\n')
    .filter((line) => line.startsWith('data: ') && line !== 'data: [DONE]')
    .map((line) => JSON.parse(line.slice(6)));
}
