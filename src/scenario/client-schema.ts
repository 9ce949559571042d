import { z } from 'zod';
import { duration, keysOf, rate } from '../../mock-server/setting-fields.ts';
import type { Aimd, Breaker, ClientModel, Pace, RetryBudget } from '../retry/client-model.ts';
import type { Jitter, RetryAfterUse, RetryPolicy } from '../retry/policy.ts';
import { PRESETS } from '../retry/presets.ts';

/** The preset that models a client whose scenario names no model. */
export const ASSUMED_PRESET = 'openai-node';

const PRESET_NAMES = PRESETS.map(({ name }) => name) as [string, ...string[]];

const jitter = z
  .union(
    [
      z.enum(['none', 'full', 'equal', 'decorrelated']).transform((kind): Jitter => ({ kind })),
      z
        .string()
        .regex(/^±\d+(\.\d+)?%$/)
        .transform((text): Jitter => {
          const share = Number(text.slice(1, -1)) / 100;
          return { kind: 'times', low: 1 - share, high: 1 + share };
        }),
      keysOf({
        times: z
          .tuple([z.number().min(0), z.number().min(0)])
          .describe('The wait is multiplied by a factor between these.'),
      }).transform(({ times: [low, high] }): Jitter => ({ kind: 'times', low, high })),
      keysOf({ plus: duration('Maximum added wait.') }).transform(
        ({ plus }): Jitter => ({ kind: 'plus', mostUs: plus }),
      ),
      keysOf({ from: duration('Minimum wait.') }).transform(({ from }): Jitter => ({ kind: 'from', leastUs: from })),
    ],
    {
      error:
        'must be one of none, full, equal, decorrelated, ±20%, { times: [0.75, 1] }, { plus: 100ms } or { from: 1s }',
    },
  )
  .describe('How waits are randomised.');

const retryAfter = z
  .union(
    [
      z.literal('ignored').transform((): Partial<RetryAfterUse> => ({ reads: 'nothing' })),
      z
        .enum(['obeyed', 'floor'])
        .transform(
          (how): Partial<RetryAfterUse> => ({ reads: 'milliseconds', as: how === 'floor' ? 'floor' : 'instead' }),
        ),
      keysOf({
        reads: z.enum(['nothing', 'seconds', 'milliseconds']).optional().describe('Which headers are read.'),
        as: z
          .enum(['instead', 'floor'])
          .optional()
          .describe("instead: replaces the client's own wait. floor: its lower bound."),
        jittered: z.boolean().optional().describe('Whether jitter is added.'),
        longest: duration('The longest wait that is obeyed.').optional(),
        beyond: z
          .enum(['own', 'stop', 'clip'])
          .optional()
          .describe("Above the longest: the client's own wait, no retry, or the longest."),
      }).transform(
        ({ longest, ...rest }): Partial<RetryAfterUse> => ({
          ...withoutUndefined(rest),
          ...(longest !== undefined && { longestUs: longest }),
        }),
      ),
    ],
    { error: 'must be one of ignored, obeyed, floor, or { reads, as, jittered, longest, beyond }' },
  )
  .describe('How Retry-After is used.');

const retries = keysOf({
  max: z
    .union([z.int().min(0), z.literal('forever').transform(() => null)], {
      error: 'must be a whole number, or forever',
    })
    .optional()
    .describe('Retries after the first attempt.'),
  statuses: z
    .array(z.union([z.int(), z.enum(['4xx', '5xx'])]))
    .optional()
    .describe('Statuses that are retried.'),
  connection: z.boolean().optional().describe('Whether timeouts and broken connections are retried.'),
  base: duration('The wait before the first retry.').optional(),
  factor: z.number().min(1).optional().describe('Multiplier from one wait to the next.'),
  cap: duration('The longest wait.').optional(),
  jitter: jitter.optional(),
  retryAfter: retryAfter.optional(),
}).describe("Retries of the client's model; omitted keys keep the preset's values.");

const budget = z
  .union(
    [
      keysOf({
        share: z.number().min(0).describe('Retries earned per call.'),
        reserve: z.number().min(0).default(10).describe('Retries available at the start.'),
      }).transform((raw): RetryBudget => ({ kind: 'share', ...raw })),
      keysOf({
        capacity: z.number().min(1).describe('Size of the budget, and its level at the start.'),
        cost: z.number().min(0).default(1).describe('Cost of a retry.'),
        earns: z.number().min(0).default(0.1).describe('Gain per success.'),
        refunds: z.boolean().default(false).describe('Whether a successful retry refunds its cost.'),
        least: z.number().min(0).default(0).describe('Level that a retry must leave.'),
      }).transform((raw): RetryBudget => ({ kind: 'tokens', ...raw })),
    ],
    { error: 'must be { share: 0.1 } or { capacity: 500, cost: 5, earns: 1 }' },
  )
  .describe('A retry budget: stops retries when too many attempts fail.');

const pace = z
  .union(
    [
      z.literal('cubic'),
      keysOf({
        rate: rate('Attempts per period.'),
        burst: z.int().min(1).default(1).describe('Attempts at once.'),
      }).transform(({ rate: { amount, periodUs }, burst }): Pace => ({ burst, intervalUs: periodUs / amount })),
    ],
    { error: 'must be { rate: 5/s, burst: 5 }, or cubic' },
  )
  .describe('A client-side token bucket that attempts wait for.');

const breaker = keysOf({
  failures: z.int().min(1).describe('Consecutive failures that open it.'),
  open: duration('How long calls fail without an attempt.'),
})
  .transform(({ failures, open }): Breaker => ({ failures, openUs: open }))
  .describe('A circuit breaker.');

const aimd = keysOf({
  start: z.number().min(1).default(20).describe('The limit at the start.'),
  most: z.number().min(1).default(200).describe('The highest limit.'),
  increase: z.number().min(0).default(1).describe('Added per success.'),
  decrease: z.number().min(0).max(1).default(0.9).describe('Factor per failure.'),
})
  .transform((raw): Aimd => raw)
  .describe('A limit on attempts in flight: additive increase, multiplicative decrease.');

/** The keys of `client:` that describe its model. */
export const modelFields = {
  model: z.enum(PRESET_NAMES).optional().describe('The preset that simulates this client where its code does not run.'),
  concurrency: z.int().min(1).optional().describe('Maximum calls in flight; further calls wait.'),
  timeout: duration('Timeout of an attempt.').optional(),
  deadline: duration('Deadline of a call, waits included.').optional(),
  retries: retries.optional(),
  budget: budget.optional(),
  pace: pace.optional(),
  breaker: breaker.optional(),
  aimd: aimd.optional(),
};

export type ModelInput = { readonly [Key in keyof typeof modelFields]?: z.output<(typeof modelFields)[Key]> };

/** Returns the preset with the scenario's changes applied. */
export function resolveModel(raw: ModelInput): ClientModel {
  const { model } = PRESETS.find(({ name }) => name === (raw.model ?? ASSUMED_PRESET))!;
  const gates = {
    concurrency: raw.concurrency,
    timeoutUs: raw.timeout,
    deadlineUs: raw.deadline,
    budget: raw.budget,
    pace: raw.pace,
    breaker: raw.breaker,
    aimd: raw.aimd,
  };
  return {
    ...model,
    ...withoutUndefined(gates),
    retries: raw.retries ? overridePolicy(model.retries, raw.retries) : model.retries,
  };
}

function overridePolicy(
  policy: RetryPolicy,
  { base, cap, retryAfter: use, ...rest }: z.output<typeof retries>,
): RetryPolicy {
  return {
    ...policy,
    ...withoutUndefined({ ...rest, baseUs: base, capUs: cap }),
    retryAfter: { ...policy.retryAfter, ...use },
  };
}

/** Drops the keys whose value is undefined. */
function withoutUndefined<Value extends object>(
  value: Value,
): { [Key in keyof Value]: Exclude<Value[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as never;
}
