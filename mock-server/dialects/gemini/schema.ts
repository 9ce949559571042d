import { isObject } from '../body.ts';

/** Converts Gemini's schema format (OpenAPI 3.0 with upper-case types) to JSON Schema. */
export function jsonSchemaOf(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(jsonSchemaOf);
  if (!isObject(schema)) return schema;
  const { nullable, propertyOrdering: _, ...rest } = schema;
  const converted: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(rest)) {
    if (key === 'enum' || key === 'required') converted[key] = value;
    else if (key === 'type' && typeof value === 'string') converted.type = value.toLowerCase();
    else if (key.startsWith('min') || key.startsWith('max')) converted[key] = numberOf(value);
    else converted[key] = key === 'properties' ? propertiesOf(value) : jsonSchemaOf(value);
  }
  return nullable === true ? { anyOf: [converted, { type: 'null' }] } : converted;
}

function propertiesOf(properties: unknown): unknown {
  if (!isObject(properties)) return properties;
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, jsonSchemaOf(schema)]));
}

/** Protocol buffers' JSON encodes 64-bit integers as strings. */
function numberOf(value: unknown): unknown {
  return typeof value === 'string' && value !== '' && !Number.isNaN(Number(value)) ? Number(value) : value;
}
