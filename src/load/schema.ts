import { z } from 'zod';
import { keysOf } from '../../mock-server/setting-fields.ts';
import type { ExecutorDefinition } from './executor.ts';
import { EXECUTORS, type Executor } from './executors.ts';
import { loadFields, timing } from './fields.ts';
import { findLoadProblems } from './load-problems.ts';

type Fields = z.core.$ZodLooseShape;

function createSchema<Name extends string, Shape extends Fields>({
  name,
  about,
  fields,
  resolve,
}: ExecutorDefinition<Name, Shape, object>) {
  const schema = keysOf({ executor: z.literal(name).describe(about), ...fields(loadFields), ...timing });
  return schema.transform((raw, context) => {
    const { name: loadName, client, startTime, gracefulStop } = raw as z.output<z.ZodObject<typeof timing>>;
    const load = {
      executor: name,
      ...resolve(raw as never),
      ...(loadName !== undefined && { name: loadName }),
      ...(client !== undefined && { client }),
      startUs: startTime,
      gracefulStopUs: gracefulStop,
    } as unknown as Executor;
    for (const { key, message } of findLoadProblems(load)) {
      context.addIssue({ code: 'custom', path: [key], message });
    }
    return load;
  });
}

type SchemaOf<Definition> =
  Definition extends ExecutorDefinition<infer Name, infer Shape, infer _>
    ? ReturnType<typeof createSchema<Name, Shape>>
    : never;
type Schema = SchemaOf<(typeof EXECUTORS)[keyof typeof EXECUTORS]>;

/** One load in the scenario file: an executor with its fields, resolved. */
export const executorSchema = z.discriminatedUnion(
  'executor',
  Object.values(EXECUTORS).map((definition) => createSchema(definition as never)) as unknown as readonly [
    Schema,
    ...Schema[],
  ],
);
