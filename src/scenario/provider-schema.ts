import { z } from 'zod';
import { DIALECT_NAMES, DIALECTS } from '../../mock-server/dialects/dialects.ts';
import { amount, duration, keysOf, signedDuration } from '../../mock-server/setting-fields.ts';
import type { ProviderSettings } from '../../mock-server/settings.ts';
import { answerSchema } from './answer-schema.ts';
import { faultsSchema } from './fault-schema.ts';
import { checkLimitHeaders, limitHeadersSchema } from './limit-headers-schema.ts';
import { limitsSchema } from './limits-schema.ts';

/** A fixed duration, or a log-normal distribution given by two percentiles. */
const latencyField = (about: string) =>
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

const RETRY_AFTER = [
  'next-token',
  'ceil-seconds',
  'window-end',
  'slot',
  'spread',
  'none',
  'http-date',
  'past-date',
] as const;

const retryAfter = z
  .union(
    [
      z.enum(RETRY_AFTER),
      keysOf({
        literal: z.string().optional().describe('Sent verbatim as `retry-after`.'),
        literalMs: z.string().optional().describe('Sent verbatim as `retry-after-ms`.'),
      }).transform(({ literal, literalMs }) => ({
        ...(literal !== undefined && { literal }),
        ...(literalMs !== undefined && { literalMs }),
      })),
    ],
    { error: `must be one of ${RETRY_AFTER.join(', ')}, or { literal: text, literalMs: text }` },
  )
  .prefault('ceil-seconds')
  .describe(
    'Retry-After of refusals. The wait in whole seconds (ceil-seconds), exact (next-token), or to the end of the window ' +
      '(window-end); a time for each client of its own (slot, spread); as a date (http-date), in the past (past-date); none.',
  );

/** More than any model returns; an answer is made as a whole. */
const MAX_ANSWER_TOKENS = 1_000_000;

const fields = {
  dialect: z.enum(DIALECT_NAMES).default('openai').describe('The wire format.'),
  limits: limitsSchema.default([]),
  faults: faultsSchema.default([]).describe('Injected faults.'),
  retryAfter,
  dateSkew: z
    .union([signedDuration.transform((only) => [only]), z.array(signedDuration)])
    .prefault([])
    .describe("Skew of the provider's clock: one value, or several that alternate from reply to reply."),
  shouldRetry: z.boolean().nullable().default(null).describe('`x-should-retry` of refusals; not sent when omitted.'),
  headers: z.enum(['full', 'retry-after-only', 'none']).default('full').describe('Which limit headers are sent.'),
  limitHeaders: limitHeadersSchema,
  headersShow: z
    .enum(['longest', 'tightest'])
    .default('longest')
    .describe('Which of several limits of one unit headers show: the longest period, or the smallest share left.'),
  messageWait: z
    .enum(['integer', 'exact'])
    .default('integer')
    .describe('Whether the wait in a message is computed from the integers in it, or from the exact level.'),
  quotaCodes: z
    .enum(['legacy', '2026'])
    .default('legacy')
    .describe(
      'Error codes of exhausted calendar quotas: insufficient_quota, or the newer codes per owner of the quota.',
    ),
  account: z.enum(['paid', 'free']).default('paid').describe('Refusals of free accounts say how to get higher limits.'),
  latency: keysOf({
    firstToken: latencyField('Time to the first token of an answer.').prefault({ p50: '300ms', p99: '900ms' }),
    perToken: latencyField('Time for each further token.').prefault('12ms'),
  })
    .prefault({})
    .describe('Latency of answers.'),
  answer: answerSchema.prefault('lorem'),
  callTools: z
    .enum(['once', 'never'])
    .default('once')
    .describe('Whether the model calls a tool that the request offers, once per user turn.'),
  answerTokens: amount('Tokens of an answer if the request sets no maximum.', 1, MAX_ANSWER_TOKENS).prefault(40),
  tokenizer: z
    .enum(['characters', 'o200k_base', 'cl100k_base'])
    .default('characters')
    .describe('How tokens are counted: a quarter of the characters, or a real tokenizer.'),
  idleTimeout: duration(
    'Closes connections on which nothing was asked for so long, without a word, as load balancers do; wall and scaled time only.',
  )
    .refine((us) => us >= 1000, 'must be at least 1ms')
    .optional(),
  estimator: z
    .enum(['max', 'sum'])
    .optional()
    .describe(
      'Tokens charged at admission: the larger of prompt estimate and output reservation, or their sum (as Azure does).',
    ),
  keys: z
    .union(
      [
        z.literal('any'),
        z.array(z.string().min(1)).min(1),
        z.record(z.string().min(1), z.string().min(1)).refine((named) => Object.keys(named).length > 0, {
          error: 'must have at least one key',
        }),
      ],
      { error: 'must be any, a list of keys, or keys by name: { shop: sk-shop }' },
    )
    .default('any')
    .describe('Accepted API keys. Reports show the names of named keys: `{ shop: sk-shop, bank: sk-bank }`.'),
  models: z
    .union([z.literal('any'), z.array(z.string().min(1))], { error: 'must be any, or a list of model names' })
    .default([])
    .describe('Models accepted in addition to the built-in list.'),
  organization: z.string().min(1).default('org-quotalab').describe('Organization of the API keys.'),
};

function splitKeyNames(keys: 'any' | string[] | Record<string, string>): Pick<ProviderSettings, 'keys' | 'keyNames'> {
  if (keys === 'any' || Array.isArray(keys)) return { keys };
  return { keys: Object.values(keys), keyNames: Object.keys(keys) };
}

const lowerCaseNames = <Value>(headers: Record<string, Value>): Record<string, Value> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** The `provider:` block, resolved. The seed is added from the scenario. */
export const providerSchema = keysOf(fields).transform(
  ({ estimator, dateSkew: dateSkewsUs, keys, limitHeaders: given, idleTimeout: idleTimeoutUs, ...rest }, context) => {
    const limitHeaders = given && lowerCaseNames(given);
    if (limitHeaders) checkLimitHeaders(limitHeaders, DIALECTS[rest.dialect], context);
    return {
      ...rest,
      ...splitKeyNames(keys),
      dateSkewsUs,
      ...(limitHeaders && { limitHeaders }),
      ...(idleTimeoutUs !== undefined && { idleTimeoutUs }),
      estimator: estimator ?? DIALECTS[rest.dialect].estimator,
    };
  },
) satisfies z.ZodType<Omit<ProviderSettings, 'seed'>>;
