import { z } from 'zod';
import { scenarioSchema } from './schema.ts';

/** Returns the scenario format as a JSON schema (draft 7, which YAML plugins of editors support best). */
export function scenarioJsonSchema(): object {
  return {
    ...z.toJSONSchema(scenarioSchema, { io: 'input', target: 'draft-7', reused: 'ref' }),
    $id: 'urn:quotalab:schema:scenario:1',
    title: 'QuotaLab scenario',
  };
}
