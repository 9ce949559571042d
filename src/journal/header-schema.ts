import { z } from 'zod';
import { DIALECT_NAMES } from '../../mock-server/dialects/dialects.ts';
import { ALGORITHMS, algorithmNamed } from '../../mock-server/limiter/algorithms.ts';
import { EXECUTORS } from '../load/executors.ts';
import { recordedFields } from '../load/recorded-fields.ts';

/** Microseconds since the start of the run, or a duration. */
export const timeUs = z.number().min(0);
export const count = z.int().min(0);
/** Microseconds since the Unix epoch, within the times that a date may have. */
const epochUs = z.number().min(0).max(8.64e18);

const rate = z.looseObject({ amount: z.number().positive(), periodUs: z.number().positive() });

/** The numbers of an algorithm, which says those that it always has. */
const spec = z
  .looseObject({
    algorithm: z.enum(Object.keys(ALGORITHMS)),
    capacity: count.optional(),
    amount: count.optional(),
    windowUs: z.number().positive().optional(),
    intervalUs: z.number().positive().optional(),
    refill: rate.optional(),
    rate: rate.optional(),
    burst: count.optional(),
    offsetUs: z.number().optional(),
    initial: z.number().optional(),
    maxDebt: z.number().optional(),
    maxQueue: count.optional(),
    floor: count.optional(),
    growthPercent: count.optional(),
    per: z.enum(['day', 'week', 'month']).optional(),
    timeZone: z.string().optional(),
    resetHour: z.number().min(0).max(23).optional(),
  })
  .superRefine((value, context) => {
    for (const field of algorithmNamed(value.algorithm).recorded) {
      if (value[field] === undefined) context.addIssue({ code: 'custom', path: [field], message: 'is missing' });
    }
  });

const limit = z.looseObject({
  name: z.string(),
  scope: z.array(z.string()),
  unit: z.string(),
  spec,
  chargeRejected: z.string(),
  settle: z.string().optional(),
  models: z.array(z.string()).optional(),
  pool: z.string().optional(),
});

const fault = z.looseObject({
  fromUs: timeUs,
  untilUs: timeUs,
  match: z.looseObject({}).optional(),
  does: z.looseObject({ kind: z.string() }),
});

const load = z.discriminatedUnion(
  'executor',
  Object.values(EXECUTORS).map(({ name, recorded }) =>
    z.looseObject({ executor: z.literal(name), ...recorded(recordedFields), ...recordedFields.timing }),
  ) as unknown as [z.ZodObject<{ executor: z.ZodLiteral }>],
);

const severity = z.enum(['error', 'warn', 'off']);

const provider = z.looseObject({
  dialect: z.enum(DIALECT_NAMES),
  keys: z.union([z.literal('any'), z.array(z.string())]),
  keyNames: z.array(z.string()).optional(),
  limits: z.array(limit),
  faults: z.array(fault),
});

const client = z.looseObject({
  code: z.looseObject({ kind: z.enum(['module', 'command', 'autocannon', 'none']) }),
  written: z.string(),
  model: z.looseObject({ name: z.string() }),
  fleet: z
    .looseObject({
      steps: z.array(z.looseObject({ atUs: timeUs, count })).min(1),
      balance: z.string(),
      restarts: z.array(z.looseObject({ atUs: timeUs, replicas: z.union([count, z.literal('all')]) })),
    })
    .optional(),
});

/** What analysis and reports need of the scenario, with every default filled in (`src/scenario/scenario.ts`). */
const scenario = z.looseObject({
  name: z.string(),
  time: z.string().optional(),
  speed: z.number().positive().optional(),
  startUs: epochUs,
  provider,
  providerName: z.string().optional(),
  otherProviders: z.array(z.looseObject({ name: z.string(), settings: provider })).optional(),
  gateway: z.looseObject({ command: z.array(z.string()) }).optional(),
  client,
  clientName: z.string().optional(),
  otherClients: z.array(z.looseObject({ name: z.string(), settings: client })).optional(),
  call: z.looseObject({ model: z.string(), stream: z.boolean() }),
  load: z.array(load),
  thresholds: z.array(
    z.looseObject({
      metric: z.string(),
      expression: z.string(),
      abortOnFail: z.boolean(),
      delayAbortEvalUs: z.number().min(0),
    }),
  ),
  verdicts: z.record(z.string(), z.union([severity, z.looseObject({ severity: severity.optional() })])),
});

/** The first line of a journal. */
export const headerSchema = z.looseObject({
  type: z.literal('header'),
  version: z.int().min(1),
  tool: z.string(),
  seed: z.int(),
  time: z.enum(['virtual', 'wall', 'scaled', 'model']),
  scenario,
  generated: z.looseObject({ at: z.string(), startedUs: epochUs, node: z.string().optional() }),
  recorded: z
    .looseObject({
      format: z.string(),
      file: z.string(),
      entries: count,
      leftOut: z.array(z.looseObject({ why: z.string(), count, first: z.string() })),
      hosts: z.array(z.string()),
      missing: z.array(z.string()),
      resolutionUs: z.number().positive(),
      notes: z.array(z.string()),
    })
    .optional(),
  program: z.looseObject({ missing: z.array(z.string()), variables: z.array(z.string()) }).optional(),
});
