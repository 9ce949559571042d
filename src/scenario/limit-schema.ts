import { z } from 'zod';
import type { Limit } from '../../mock-server/admission/limit.ts';
import type { Algorithm } from '../../mock-server/limiter/algorithm.ts';
import { ALGORITHMS, type AlgorithmName, algorithmNamed } from '../../mock-server/limiter/algorithms.ts';
import { limiterFields } from '../../mock-server/limiter/fields.ts';
import { keysOf } from '../../mock-server/setting-fields.ts';
import { REFUSAL_REASONS } from './fault-schema.ts';
import type { NamedLimit } from './limit-names.ts';

const SCOPES = ['key', 'organization', 'project', 'model', 'ip', 'user-agent', 'content', 'all'] as const;
const scope = z.enum(SCOPES);

/** Keys common to the algorithms. */
const common = {
  name: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe(
      'Name in reports and thresholds. When omitted, the unit, or `requests/min` where several limits have one unit.',
    ),
  scope: z
    .union([scope, z.array(scope).min(1)], {
      error: `must be one of ${SCOPES.join(', ')}, or a list of them`,
    })
    .default('organization')
    .describe('What shares a bucket. Providers meter organizations and projects, not keys.'),
  unit: z
    .enum(['requests', 'tokens', 'input-tokens', 'output-tokens', 'images'])
    .default('requests')
    .describe('What is counted.'),
  chargeRejected: z
    .enum(['none', 'requests', 'all'])
    .default('none')
    .describe('Whether refused requests are charged: never, on request limits only, or on token limits too.'),
  settle: z
    .enum(['none', 'refund', 'full'])
    .optional()
    .describe(
      'What happens once the true token count is known: nothing, refunds only, or refunds and overruns. The dialect ' +
        'decides when omitted.',
    ),
  says: z.enum(REFUSAL_REASONS).optional().describe('Reason given in its refusals; a rate limit when omitted.'),
  models: z.array(z.string()).min(1).optional().describe('Limits only these models, which share its bucket.'),
  pool: z.string().optional().describe('Name in refusals of the models that share the bucket.'),
};

/** A concurrency limit counts open requests only. */
const concurrencyCommon = { name: common.name, scope: common.scope, models: common.models, pool: common.pool };

type SchemaOf<Name extends AlgorithmName> = z.ZodObject<
  (Name extends 'concurrency' ? typeof concurrencyCommon : typeof common) &
    ReturnType<(typeof ALGORITHMS)[Name]['settings']>,
  z.core.$strict
>;
type LimitInput = { [Name in AlgorithmName]: z.input<SchemaOf<Name>> }[AlgorithmName];
type ParsedLimit = z.output<z.ZodObject<typeof concurrencyCommon>> &
  Partial<z.output<z.ZodObject<typeof common>>> & { readonly algorithm?: AlgorithmName };

/** One schema for each set of settings, which algorithms may share. */
const schemas = [...new Map(Object.values<Algorithm>(ALGORITHMS).map((one) => [one.settings, one])).values()].map(
  ({ settings, restricts }) =>
    keysOf({ ...(restricts === 'concurrency' ? concurrencyCommon : common), ...settings(limiterFields) }),
);

// The schemas are made from the table, so their types are given.
const anyLimit = z.discriminatedUnion('algorithm', schemas as never) as unknown as z.ZodType<ParsedLimit, LimitInput>;

/** One limit, resolved, and whether it was given a name. Invalid figures are reported at their key. */
export const namedLimitSchema = anyLimit.transform((raw, context): NamedLimit => {
  if ('burst' in raw && 'capacity' in raw && raw.burst !== undefined && raw.capacity !== undefined) {
    context.addIssue({ code: 'custom', path: ['burst'], message: 'is another name of capacity; set one of them' });
  }
  const algorithm = algorithmNamed(raw.algorithm);
  const spec = algorithm.toSpec(raw);
  for (const { path, message, hint } of algorithm.problems(spec)) {
    context.addIssue({ code: 'custom', path: path === '' ? [] : [path], message, params: { hint } });
  }
  const unit = raw.unit ?? 'concurrent';
  const limit: Limit = {
    name: raw.name ?? unit,
    scope: Array.isArray(raw.scope) ? raw.scope : [raw.scope],
    unit,
    spec,
    chargeRejected: raw.chargeRejected ?? 'none',
    ...(raw.settle !== undefined && { settle: raw.settle }),
    ...(raw.says !== undefined && { says: raw.says }),
    ...(raw.models && { models: raw.models }),
    ...(raw.pool !== undefined && { pool: raw.pool }),
  };
  return { limit, isGiven: raw.name !== undefined };
});
