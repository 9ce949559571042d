import { z } from 'zod';
import type { Limit } from '../../mock-server/admission/limit.ts';
import type { AlgorithmSpec } from '../../mock-server/limiter/algorithm.ts';
import { limitProblems } from '../../mock-server/limiter/limit-problems.ts';
import { SAYS } from './fault-schema.ts';
import { amount, duration, keysOf, rate } from './fields.ts';

const SCOPES = ['key', 'organization', 'project', 'model', 'ip', 'user-agent', 'content', 'all'] as const;
const scope = z.enum(SCOPES);

/** What every limit has, whatever its algorithm. */
const common = {
  name: z.string().min(1).optional().describe('Names the limit in reports and thresholds; its unit when left out.'),
  scope: z
    .union([scope, z.array(scope).min(1)], {
      error: `must be one of ${SCOPES.join(', ')}, or a list of them`,
    })
    .default('organization')
    .describe('What picks the bucket. Providers meter organizations and projects, not keys.'),
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
      'What happens once the true token count is known: nothing, refunds only, or refunds and overruns; as the dialect ' +
        'has it when left out.',
    ),
  says: z.enum(SAYS).optional().describe('What its refusals are about, where it is not a rate.'),
  models: z.array(z.string()).min(1).optional().describe('The limit meets only these models, which share its bucket.'),
  pool: z.string().optional().describe('The name that refusals give for the models that share the bucket.'),
};

const tokenBucket = keysOf({
  ...common,
  algorithm: z
    .enum(['token-bucket', 'gcra', 'leaky-meter'])
    .optional()
    .describe('Token bucket with continuous refill.'),
  refill: rate('How fast units come back.'),
  capacity: amount('The most that passes at once; the amount of `refill` when left out.', 1).optional(),
  burst: amount('Another word for `capacity`.', 1).optional(),
  initial: amount('Level at the start; `capacity` when left out.').optional(),
  maxDebt: amount('How far below zero refused requests and overruns may push it; `capacity` when left out.').optional(),
});

const tickBucket = keysOf({
  ...common,
  algorithm: z.literal('tick-bucket').describe('Token bucket that refills in lumps.'),
  refill: rate('How much comes back at each tick, and how far ticks are apart.'),
  capacity: amount('The most that passes at once; the amount of `refill` when left out.', 1).optional(),
});

const window = {
  amount: amount('The most that passes in a window.', 1),
  window: duration('Length of the window.'),
};

const fixedWindow = keysOf({
  ...common,
  algorithm: z.literal('fixed-window').describe('Counts in windows that start afresh.'),
  ...window,
  anchor: z
    .enum(['clock', 'first-request'])
    .default('clock')
    .describe('Whether windows lie on the clock or open with the first request.'),
  offset: duration('Shifts windows that lie on the clock.').default(0),
});

const slidingWindow = keysOf({
  ...common,
  algorithm: z
    .enum(['sliding-window-log', 'sliding-window-counter'])
    .describe('Counts over the last window, exactly or by two counters.'),
  ...window,
});

const leakyBucket = keysOf({
  ...common,
  algorithm: z.literal('leaky-bucket').describe('nginx limit_req.'),
  rate: rate('As in nginx: per second or per minute.'),
  burst: amount('Requests above the rate that are taken.').default(0),
  nodelay: z.boolean().optional().describe('The whole burst goes on at once.'),
  delay: amount('Only what is above this many of the burst is delayed.').optional(),
});

const leakyQueue = keysOf({
  ...common,
  algorithm: z.literal('leaky-queue').describe('A queue that lets one request out per interval.'),
  interval: duration('Time between two requests that leave.'),
  maxQueue: amount('Requests that may wait.'),
});

const calendarQuota = keysOf({
  ...common,
  algorithm: z.literal('calendar-quota').describe('So much per local day or month; refusals say insufficient_quota.'),
  amount: amount('The most that passes per period.', 1),
  per: z.enum(['day', 'month']),
  timeZone: z.string().default('UTC').describe('IANA name, e.g. Europe/Berlin.'),
  resetHour: z.int().default(0).describe('Local hour at which the period starts.'),
});

const concurrency = keysOf({
  name: common.name,
  scope: common.scope,
  models: common.models,
  pool: common.pool,
  algorithm: z.literal('concurrency').describe('So many requests open at once.'),
  amount: amount('The most that may be open.', 1),
});

const flat = z.discriminatedUnion('algorithm', [
  tokenBucket,
  tickBucket,
  fixedWindow,
  slidingWindow,
  leakyBucket,
  leakyQueue,
  calendarQuota,
  concurrency,
]);

type Flat = z.output<typeof flat>;

/** One limit of the file, resolved; impossible numbers are reported at the key that holds them. */
export const limitSchema = flat.transform((raw, context): Limit => {
  const spec = specOf(raw);
  for (const { path, message, hint } of limitProblems(spec)) {
    context.addIssue({ code: 'custom', path: path === '' ? [] : [path], message, params: { hint } });
  }
  const unit = 'unit' in raw ? raw.unit : 'concurrent';
  return {
    name: raw.name ?? unit,
    scope: Array.isArray(raw.scope) ? raw.scope : [raw.scope],
    unit,
    spec,
    chargeRejected: 'chargeRejected' in raw ? raw.chargeRejected : 'none',
    ...('settle' in raw && raw.settle !== undefined && { settle: raw.settle }),
    ...('says' in raw && raw.says !== undefined && { says: raw.says }),
    ...(raw.models && { models: raw.models }),
    ...(raw.pool !== undefined && { pool: raw.pool }),
  };
});

function specOf(raw: Flat): AlgorithmSpec {
  switch (raw.algorithm) {
    case 'tick-bucket':
      return { algorithm: raw.algorithm, capacity: raw.capacity ?? raw.refill.amount, refill: raw.refill };
    case 'fixed-window':
      return {
        algorithm: raw.algorithm,
        amount: raw.amount,
        windowUs: raw.window,
        anchor: raw.anchor,
        offsetUs: raw.offset,
      };
    case 'sliding-window-log':
    case 'sliding-window-counter':
      return { algorithm: raw.algorithm, amount: raw.amount, windowUs: raw.window };
    case 'leaky-bucket':
      return {
        algorithm: raw.algorithm,
        rate: raw.rate,
        burst: raw.burst,
        delay: raw.nodelay ? 'nodelay' : (raw.delay ?? 0),
      };
    case 'leaky-queue':
      return { algorithm: raw.algorithm, intervalUs: raw.interval, maxQueue: raw.maxQueue };
    case 'calendar-quota': {
      const { algorithm, amount, per, timeZone, resetHour } = raw;
      return { algorithm, amount, per, timeZone, resetHour };
    }
    case 'concurrency':
      return { algorithm: raw.algorithm, amount: raw.amount };
    default:
      return {
        algorithm: raw.algorithm ?? 'token-bucket',
        capacity: raw.capacity ?? raw.burst ?? raw.refill.amount,
        refill: raw.refill,
        ...(raw.initial !== undefined && { initial: raw.initial }),
        ...(raw.maxDebt !== undefined && { maxDebt: raw.maxDebt }),
      };
  }
}
