import { z } from 'zod';
import { count, headerSchema, timeUs } from './header-schema.ts';

const OUTCOMES = ['response', 'reset', 'aborted', 'open'] as const;
const outcome = z.enum(OUTCOMES);
const status = z.int().min(0).max(999);

const callError = z.looseObject({
  name: z.string(),
  message: z.string(),
  status: z.number().optional(),
  code: z.string().optional(),
});
const result = z.enum(['ok', 'error', 'open']);

const call = z.looseObject({
  type: z.literal('call'),
  id: count,
  vu: count,
  iteration: count.optional(),
  scheduledUs: timeUs,
  startUs: timeUs,
  endUs: timeUs,
  result,
  error: callError.optional(),
  outputSize: z.number().min(0).optional(),
  fallback: z.literal(true).optional(),
  job: z.string().optional(),
  client: z.string().optional(),
  replica: z.string().optional(),
  kind: z.string().optional(),
});

const limitView = z.looseObject({
  limit: z.string(),
  bucket: z.string(),
  unit: z.string(),
  cost: z.number(),
  admit: z.boolean(),
  before: z.number(),
  after: z.number(),
});

const endedAlike = {
  outcome,
  status,
  model: z.string().optional(),
  fault: z.string().optional(),
  errorType: z.string().optional(),
  errorCode: z.string().optional(),
  defect: z.string().optional(),
  deniedBy: z.string().optional(),
  answeredBy: z.string().optional(),
  upstream: count.optional(),
};

const attempt = z.looseObject({
  type: z.literal('attempt'),
  id: count,
  call: count.nullable(),
  joinedBy: z.string().optional(),
  startUs: timeUs,
  headersUs: timeUs.optional(),
  endUs: timeUs,
  ...endedAlike,
  endpoint: z.string().optional(),
  key: z.string().optional(),
  retryAfterRaw: z.string().optional(),
  retryAfterUs: z.number().optional(),
  retryAfterSource: z.string().optional(),
  resetRaw: z.string().optional(),
  resetUs: z.number().optional(),
  messageWaitUs: z.number().optional(),
  limits: z.array(limitView),
  dateSkewUs: z.number().optional(),
  shouldRetry: z.boolean().optional(),
  admitAfterUs: z.number().optional(),
  promptTokens: z.number().min(0).optional(),
  completionTokens: z.number().min(0).optional(),
  answerChars: z.number().min(0).optional(),
  sentChars: z.number().min(0).optional(),
  bodyHash: z.string().optional(),
  bodyBytes: z.number().min(0).optional(),
  ip: z.string().optional(),
  textHash: z.string().optional(),
  stream: z.boolean().optional(),
  idempotencyKey: z.string().optional(),
  job: z.string().optional(),
  retryCount: z.number().min(0).optional(),
  userAgent: z.string().optional(),
  replica: z.string().optional(),
  provider: z.string().optional(),
});

const counts = z.array(z.tuple([z.number(), count]));

const second = z.looseObject({
  type: z.literal('second'),
  startUs: timeUs,
  endUs: timeUs,
  attempts: z
    .array(
      z.looseObject({
        ...endedAlike,
        count,
        durations: counts,
        firstBytes: counts,
        retryAfter: counts,
        promptTokens: z.number().min(0),
        completionTokens: z.number().min(0),
      }),
    )
    .optional(),
  buckets: z
    .array(
      z.looseObject({
        limit: z.string(),
        bucket: z.string(),
        met: count,
        denied: count,
        admitted: count,
        charged: z.number(),
        cost: z.number(),
        before: z.number(),
        after: z.number(),
        least: z.number(),
      }),
    )
    .optional(),
  calls: z.array(z.looseObject({ result, error: callError.optional(), count, durations: counts })).optional(),
});

const dropped = z.looseObject({ type: z.literal('dropped'), scheduledUs: timeUs });

const replica = z.looseObject({
  type: z.literal('replica'),
  replica: z.string(),
  atUs: timeUs,
  change: z.enum(['start', 'stop']),
  reason: z.string(),
  cut: count.optional(),
});

const end = z.looseObject({
  type: z.literal('end'),
  endUs: timeUs,
  stopped: z.string().optional(),
  exitCode: z.number().nullable().optional(),
  timersLateUs: timeUs.optional(),
});

/**
 * The schema of a record by its type. Fields that nothing needs may be missing, and unknown ones are allowed, since another
 * version may have written the file.
 */
export const RECORD_SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  header: headerSchema,
  call,
  attempt,
  dropped,
  replica,
  second,
  end,
};
