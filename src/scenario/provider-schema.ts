import { z } from 'zod';
import type { Limit } from '../../mock-server/admission/limit.ts';
import type { ProviderSettings } from '../../mock-server/settings.ts';
import { amount, duration, keysOf } from './fields.ts';
import { limitSchema } from './limit-schema.ts';

/** Fixed, or log-normal through two of its percentiles. */
const drawn = (about: string) =>
  z
    .union(
      [
        duration(about).transform((fixedUs) => ({ fixedUs })),
        keysOf({ p50: duration('Median.'), p99: duration('99th percentile.') }).transform(({ p50, p99 }, context) => {
          if (p50 < 1) context.addIssue({ code: 'custom', path: ['p50'], message: 'must be above 0' });
          if (p99 < p50) context.addIssue({ code: 'custom', path: ['p99'], message: 'must not be below p50' });
          return { p50Us: p50, p99Us: p99 };
        }),
      ],
      { error: 'must be a duration such as 300ms, or { p50: 300ms, p99: 900ms }' },
    )
    .describe(about);

const RETRY_AFTER = ['next-token', 'ceil-seconds', 'window-end', 'slot', 'spread', 'none', 'http-date'] as const;

const fields = {
  dialect: z.enum(['openai']).default('openai').describe('The wire format.'),
  limits: z.array(limitSchema).default([]).describe('What is metered. A request must pass every limit it meets.'),
  faults: z
    .array(
      keysOf({
        at: duration('When it begins, after the start of the run.'),
        for: duration('How long it lasts.'),
        status: z.int().min(500).max(599).default(503).describe('What every metered request is answered.'),
      }).transform(({ at, for: lasts, status }) => ({ fromUs: at, untilUs: at + lasts, status })),
    )
    .default([])
    .describe('Stretches of time in which the provider fails.'),
  retryAfter: z
    .union([z.enum(RETRY_AFTER), keysOf({ literal: z.string() })], {
      error: `must be one of ${RETRY_AFTER.join(', ')}, or { literal: text }`,
    })
    .default('ceil-seconds')
    .describe('What the Retry-After of a refusal says.'),
  headers: z.enum(['full', 'retry-after-only', 'none']).default('full').describe('Which limit headers are sent.'),
  latency: keysOf({
    firstToken: drawn('Time to the first token of an answer.').default({ p50Us: 300_000, p99Us: 900_000 }),
    perToken: drawn('Time for each further token.').default({ fixedUs: 12_000 }),
  })
    .prefault({})
    .describe('How long answers take.'),
  answer: z
    .union([z.enum(['lorem', 'echo']), keysOf({ fixed: z.string() })], {
      error: 'must be one of lorem, echo, or { fixed: text }',
    })
    .default('lorem')
    .describe('What the model says.'),
  answerTokens: amount('Tokens of an answer whose request sets no maximum.', 1).default(40),
  estimator: z
    .enum(['max', 'sum'])
    .default('max')
    .describe('Tokens charged at admission: the larger of prompt estimate and output reservation, or their sum.'),
  keys: z
    .union([z.literal('any'), z.array(z.string().min(1)).min(1)], { error: 'must be any, or a list of keys' })
    .default('any')
    .describe('API keys that are let in.'),
  models: z
    .union([z.literal('any'), z.array(z.string().min(1))], { error: 'must be any, or a list of model names' })
    .default([])
    .describe('Models that exist beside the built-in list.'),
  organization: z.string().min(1).default('org-quotalab').describe('The organization that keys belong to.'),
};

/** The `provider:` block, resolved but for the seed, which is the scenario's. */
export const providerSchema = keysOf(fields).superRefine(({ limits }, context) => {
  for (const [index, { name }] of limits.entries()) {
    if (limits.findIndex((limit: Limit) => limit.name === name) === index) continue;
    const message = `a limit named ${name} is already there; give each its own name`;
    context.addIssue({ code: 'custom', path: ['limits', index, 'name'], message });
  }
}) satisfies z.ZodType<Omit<ProviderSettings, 'seed'>>;
