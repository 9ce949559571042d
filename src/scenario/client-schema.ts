import { z } from 'zod';
import type { Aimd, Breaker, ClientModel, Pace, RetryBudget } from '../retry/client-model.ts';
import type { Jitter, RetryAfterUse, RetryPolicy } from '../retry/policy.ts';
import { PRESETS } from '../retry/presets.ts';
import { duration, keysOf, rate } from './fields.ts';

/** What stands for a client whose scenario does not say. */
export const ASSUMED_PRESET = 'openai-node';

const NAMES = PRESETS.map(({ name }) => name) as [string, ...string[]];

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
      keysOf({ times: z.tuple([z.number().min(0), z.number().min(0)]) }).transform(
        ({ times: [low, high] }): Jitter => ({ kind: 'times', low, high }),
      ),
      keysOf({ plus: duration('At most.') }).transform(({ plus }): Jitter => ({ kind: 'plus', mostUs: plus })),
      keysOf({ from: duration('At least.') }).transform(({ from }): Jitter => ({ kind: 'from', leastUs: from })),
    ],
    {
      error:
        'must be one of none, full, equal, decorrelated, ±20%, { times: [0.75, 1] }, { plus: 100ms } or { from: 1s }',
    },
  )
  .describe('How waits are spread.');

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
        as: z.enum(['instead', 'floor']).optional().describe("In place of the client's own wait, or at least as long."),
        jittered: z.boolean().optional().describe('Whether jitter comes on top.'),
        longest: duration('The longest that is obeyed.').optional(),
        beyond: z.enum(['own', 'stop', 'clip']).optional().describe('What happens beyond the longest.'),
      }).transform(
        ({ longest, ...rest }): Partial<RetryAfterUse> => ({
          ...given(rest),
          ...(longest !== undefined && { longestUs: longest }),
        }),
      ),
    ],
    { error: 'must be one of ignored, obeyed, floor, or { reads, as, jittered, longest, beyond }' },
  )
  .describe('What is made of a Retry-After.');

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
    .describe('What is retried.'),
  connection: z.boolean().optional().describe('Whether timeouts and broken connections are retried.'),
  base: duration('The wait before the first retry.').optional(),
  factor: z.number().min(1).optional().describe('How much longer each wait is than the one before.'),
  cap: duration('The longest wait.').optional(),
  jitter: jitter.optional(),
  retryAfter: retryAfter.optional(),
}).describe("The retries of the client's model; what is left out is as the preset has it.");

const budget = z
  .union(
    [
      keysOf({
        share: z.number().min(0).describe('Retries for each call.'),
        reserve: z.number().min(0).default(10).describe('Retries in hand at the start.'),
      }).transform((raw): RetryBudget => ({ kind: 'share', ...raw })),
      keysOf({
        capacity: z.number().min(1),
        cost: z.number().min(0).default(1).describe('What a retry costs.'),
        earns: z.number().min(0).default(0.1).describe('What a success gives back.'),
        refunds: z.boolean().default(false).describe('Whether a retry that succeeds gets its cost back.'),
        least: z.number().min(0).default(0).describe('What must be left.'),
      }).transform((raw): RetryBudget => ({ kind: 'tokens', ...raw })),
    ],
    { error: 'must be { share: 0.1 } or { capacity: 500, cost: 5, earns: 1 }' },
  )
  .describe('What stops retries when too much fails.');

const pace = z
  .union(
    [
      z.literal('cubic'),
      keysOf({ rate: rate('Attempts let go.'), burst: z.int().min(1).default(1) }).transform(
        ({ rate: { amount, periodUs }, burst }): Pace => ({ burst, intervalUs: periodUs / amount }),
      ),
    ],
    { error: 'must be { rate: 5/s, burst: 5 }, or cubic' },
  )
  .describe("A token bucket of the client's own that attempts wait for.");

const breaker = keysOf({
  failures: z.int().min(1).describe('In a row.'),
  open: duration('How long calls fail without being tried.'),
})
  .transform(({ failures, open }): Breaker => ({ failures, openUs: open }))
  .describe('A circuit breaker.');

const aimd = keysOf({
  start: z.number().min(1).default(20),
  most: z.number().min(1).default(200),
  increase: z.number().min(0).default(1).describe('A success.'),
  decrease: z.number().min(0).max(1).default(0.9).describe('The factor of a failure.'),
})
  .transform((raw): Aimd => raw)
  .describe('A bound on attempts in flight, by additive increase and multiplicative decrease.');

/** The keys of `client:` that describe a model of it. */
export const modelFields = {
  model: z.enum(NAMES).optional().describe('The known client that stands for this one where no code is run.'),
  concurrency: z.int().min(1).optional().describe('Calls in flight at once; others wait.'),
  timeout: duration('How long an attempt may take.').optional(),
  deadline: duration('How long a call may take, with all its waits.').optional(),
  retries: retries.optional(),
  budget: budget.optional(),
  pace: pace.optional(),
  breaker: breaker.optional(),
  aimd: aimd.optional(),
};

export type ModelInput = { readonly [Key in keyof typeof modelFields]?: z.output<(typeof modelFields)[Key]> };

/** The preset with what the scenario changes of it. */
export function resolveModel(raw: ModelInput): ClientModel {
  const { model } = PRESETS.find(({ name }) => name === (raw.model ?? ASSUMED_PRESET))!;
  const { concurrency, timeout, deadline, budget: limited, pace: paced, breaker: breaks, aimd: bound } = raw;
  return {
    ...model,
    ...given({ concurrency, timeoutUs: timeout, deadlineUs: deadline, budget: limited, pace: paced, breaker: breaks }),
    ...given({ aimd: bound }),
    retries: raw.retries ? changed(model.retries, raw.retries) : model.retries,
  };
}

function changed(policy: RetryPolicy, { base, cap, retryAfter: use, ...rest }: z.output<typeof retries>): RetryPolicy {
  return {
    ...policy,
    ...given({ ...rest, baseUs: base, capUs: cap }),
    retryAfter: { ...policy.retryAfter, ...use },
  };
}

/** Without the keys that have no value. */
function given<Value extends object>(value: Value): { [Key in keyof Value]: Exclude<Value[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as never;
}
