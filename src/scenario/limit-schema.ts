import { z } from 'zod';
import type { Limit } from '../../mock-server/admission/limit.ts';
import type { AlgorithmSpec } from '../../mock-server/limiter/algorithm.ts';
import { limitProblems } from '../../mock-server/limiter/limit-problems.ts';
import { amount, duration, keysOf, rate } from '../../mock-server/setting-fields.ts';
import { REFUSAL_REASONS } from './fault-schema.ts';

const SCOPES = ['key', 'organization', 'project', 'model', 'ip', 'user-agent', 'content', 'all'] as const;
const scope = z.enum(SCOPES);

/** Keys common to the algorithms. */
const common = {
  name: z.string().min(1).optional().describe('Name in reports and thresholds; the unit when omitted.'),
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

const tokenBucket = keysOf({
  ...common,
  algorithm: z
    .enum(['token-bucket', 'gcra', 'leaky-meter'])
    .optional()
    .describe('Token bucket with continuous refill.'),
  refill: rate('Refill rate.'),
  capacity: amount('Size of the bucket; the amount of `refill` when omitted.', 1).optional(),
  burst: amount('Alias of `capacity`.', 1).optional(),
  initial: amount('Level at the start; `capacity` when omitted.').optional(),
  maxDebt: amount(
    'How far below zero refused requests and overruns may push the level; `capacity` when omitted.',
  ).optional(),
});

const tickBucket = keysOf({
  ...common,
  algorithm: z.literal('tick-bucket').describe('Token bucket that refills in steps.'),
  refill: rate('Refill per tick, and the interval between ticks.'),
  capacity: amount('Size of the bucket; the amount of `refill` when omitted.', 1).optional(),
});

const window = {
  amount: amount('Maximum per window.', 1),
  window: duration('Length of the window.'),
};

const fixedWindow = keysOf({
  ...common,
  algorithm: z.literal('fixed-window').describe('Counts per fixed window.'),
  ...window,
  anchor: z
    .enum(['clock', 'first-request'])
    .default('clock')
    .describe('Whether windows align to the clock or open with the first request.'),
  offset: duration('Shift of clock-aligned windows.').default(0),
});

const slidingWindow = keysOf({
  ...common,
  algorithm: z
    .enum(['sliding-window-log', 'sliding-window-counter'])
    .describe('Counts over a sliding window, exactly or by two counters.'),
  ...window,
});

const leakyBucket = keysOf({
  ...common,
  algorithm: z.literal('leaky-bucket').describe('nginx limit_req.'),
  rate: rate('As in nginx: per second or per minute.'),
  burst: amount('Requests accepted above the rate.').default(0),
  nodelay: z.boolean().optional().describe('Forwards the whole burst at once.'),
  delay: amount('Delays only requests above this many of the burst.').optional(),
});

const leakyQueue = keysOf({
  ...common,
  algorithm: z.literal('leaky-queue').describe('A queue that releases one request per interval.'),
  interval: duration('Time between two releases.'),
  maxQueue: amount('Maximum length of the queue.'),
});

const calendarQuota = keysOf({
  ...common,
  algorithm: z.literal('calendar-quota').describe('A quota per local day or month; refusals say insufficient_quota.'),
  amount: amount('Maximum per period.', 1),
  per: z.enum(['day', 'month']),
  timeZone: z.string().default('UTC').describe('IANA name, e.g. Europe/Berlin.'),
  resetHour: z.int().default(0).describe('Local hour at which the period starts.'),
});

const concurrency = keysOf({
  name: common.name,
  scope: common.scope,
  models: common.models,
  pool: common.pool,
  algorithm: z.literal('concurrency').describe('Limits the requests open at once.'),
  amount: amount('Maximum of open requests.', 1),
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

/** One limit, resolved. Invalid figures are reported at their key. */
export const limitSchema = flat.transform((raw, context): Limit => {
  const spec = toSpec(raw);
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

function toSpec(raw: Flat): AlgorithmSpec {
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
