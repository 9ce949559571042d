/** Writes the JSON schemas for editors; `npm run schema`. Tests check that they are up to date. */
import { writeFileSync } from 'node:fs';
import { baselineJsonSchema } from '../src/comparison/read-measurement.ts';
import { scenarioJsonSchema } from '../src/scenario/json-schema.ts';

const schemas = { scenario: scenarioJsonSchema(), baseline: baselineJsonSchema() };

for (const [name, schema] of Object.entries(schemas)) {
  const file = new URL(`../schema/${name}.schema.json`, import.meta.url);
  writeFileSync(file, `${JSON.stringify(schema, null, 2)}\n`);
}
