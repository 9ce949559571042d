import { z } from 'zod';
import { keysOf } from '../../mock-server/setting-fields.ts';
import type { ProviderSettings } from '../../mock-server/settings.ts';
import { codeFields, codeProblems } from './client-code.ts';
import { modelFields } from './client-schema.ts';
import { fleetFields, fleetProblems } from './fleet-schema.ts';
import type { Named } from './fleet-settings.ts';
import { providerSchema } from './provider-schema.ts';

const clientBlock = keysOf({
  ...codeFields,
  ...modelFields,
  ...fleetFields,
  env: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
    .prefault({})
    .describe('Environment variables of the client.'),
}).superRefine((raw, context) => {
  for (const { key, message } of [...codeProblems(raw), ...fleetProblems(raw)])
    context.addIssue({ code: 'custom', path: [key], message });
});

/** The block of a client, for which a scenario may have the name of its module. */
export type ClientInput = z.input<typeof clientBlock>;

/** What a client may be. */
export const CLIENT_FORMS = 'a module such as ./client.ts, or { module, command, undici, autocannon or model }';

export const clientSchema = z
  .union(
    [
      z
        .string()
        .min(1)
        .transform((module): ClientInput => ({ module }))
        .pipe(clientBlock),
      clientBlock,
    ],
    { error: `must be ${CLIENT_FORMS}` },
  )
  .describe('The code under test: a module such as `./client.ts`, or a block for more settings and other clients.');

const MAX_NAME_CHARS = 40;

const blockName = z
  .string()
  .regex(/^[A-Za-z][\w-]*$/, { error: 'must be letters, digits, dashes, and begin with a letter' })
  .max(MAX_NAME_CHARS);

/** Several blocks by name. The order is that of the file. */
function named<Block extends z.ZodType>(block: Block, about: string) {
  return z
    .record(blockName, block)
    .refine((blocks) => Object.keys(blocks).length > 0, { error: 'must have at least one entry' })
    .describe(about);
}

export const clientsSchema = named(
  clientSchema,
  'Several clients by name, in place of `client`. A load names the one that makes its calls; the first, if it names none.',
);

export const providersSchema = named(
  providerSchema,
  'Several providers by name, in place of `provider`. The first has the usual variables, such as `OPENAI_BASE_URL`; the ' +
    'address of each is in `QUOTALAB_<NAME>_URL`.',
);

/** Returns the providers of a scenario by name. Names of limits begin with that of their provider, so that each is unique. */
export function nameProviders(
  blocks: Readonly<Record<string, z.output<typeof providerSchema>>>,
  seed: number,
): Named<ProviderSettings>[] {
  return Object.entries(blocks).map(([name, settings]) => ({
    name,
    settings: {
      ...settings,
      seed,
      limits: settings.limits.map((limit) => ({ ...limit, name: `${name}/${limit.name}` })),
    },
  }));
}
