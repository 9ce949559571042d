import { z } from 'zod';
import { formatDuration } from '../../mock-server/duration.ts';
import { duration, keysOf, OF_THE_VALUE, perSecond } from '../../mock-server/setting-fields.ts';
import { MAX_CALLS, MAX_LOAD_US, MAX_PER_SECOND, MAX_VUS } from './load-limits.ts';
import { TRACE_FIELDS } from './trace-table.ts';
import type { WaitTime } from './wait.ts';

const MAX_NAME_CHARS = 100;
const LONGEST = `${formatDuration(MAX_LOAD_US)}, the maximum length of a load`;

/** A time in a load. */
const time = (about: string) =>
  duration(about).refine((us) => us <= MAX_LOAD_US, { error: `must be at most ${LONGEST}`, params: OF_THE_VALUE });

/** The length of a load, in which some call must be able to start. */
const length = (about: string) =>
  time(about).refine((us) => us > 0, {
    error: 'must be above 0s: the load has no time to start a call',
    params: OF_THE_VALUE,
  });

/** The fields that every executor has. */
export const timing = {
  name: z
    .string()
    .regex(/^[\w][\w. -]*$/, { error: 'must be letters, digits, spaces, dots, dashes' })
    .max(MAX_NAME_CHARS)
    .optional()
    .describe('Name of this load: calls carry it, and reports compare named loads.'),
  client: z
    .string()
    .min(1)
    .max(MAX_NAME_CHARS)
    .optional()
    .describe('Name of the client that makes the calls, if the scenario has several; the first when omitted.'),
  startTime: time('Delay after the start of the run.').prefault('0s'),
  gracefulStop: time('How long calls in flight may continue after the end.').prefault('30s'),
};

const vus = z.int().min(1).max(MAX_VUS).describe('Virtual users.');

const wait = z
  .union(
    [
      keysOf({
        between: z
          .tuple([duration('Minimum.'), duration('Maximum.')])
          .describe('Random, from the minimum to the maximum.'),
      }).transform(({ between: [minUs, maxUs] }, context): WaitTime => {
        if (maxUs < minUs)
          context.addIssue({ code: 'custom', path: ['between'], message: 'the minimum must not exceed the maximum' });
        return { kind: 'between', minUs, maxUs };
      }),
      keysOf({ constant: duration('Fixed wait.') }).transform(
        ({ constant }): WaitTime => ({ kind: 'constant', waitUs: constant }),
      ),
      keysOf({ pacing: duration('Interval from start to start.') }).transform(
        ({ pacing }): WaitTime => ({ kind: 'constant-pacing', periodUs: pacing }),
      ),
    ],
    { error: 'must be { between: [200ms, 500ms] }, { constant: 1s } or { pacing: 1s }' },
  )
  .default({ kind: 'none' })
  .describe('How long a VU waits between two iterations; not at all when omitted.');

/** An executor that ends after a number of iterations. */
const iterations = {
  vus: vus.default(1),
  iterations: z.int().min(1).max(MAX_CALLS).describe('How many iterations.'),
  maxDuration: length('Ends the load even if iterations are left.').prefault('10m'),
  wait,
};

/** Arrivals per second, as a number or as text such as `500/min`. */
const arrivalRate = z
  .union([perSecond, z.number().min(0)], {
    error: 'must be a rate such as 5/s or 500/min, or a number of arrivals per second',
  })
  .refine((value) => value <= MAX_PER_SECOND, { error: `must be at most ${MAX_PER_SECOND}/s`, params: OF_THE_VALUE })
  .describe('Arrival rate: `5/s`, `500/min`, or a number per second.');

/** An executor with an arrival rate. */
const arrivals = {
  arrivals: z
    .enum(['uniform', 'poisson'])
    .default('uniform')
    .describe('Evenly spaced, or random like arrivals of many independent users.'),
  maxVUs: z
    .int()
    .min(1)
    .max(MAX_VUS)
    .default(1000)
    .describe('Maximum VUs. An arrival that finds all of them busy is dropped.'),
};

const stages = <Target extends z.ZodType<number>>(target: Target) =>
  z
    .array(keysOf({ duration: time('Length of the stage.'), target: target.describe('The level at its end.') }))
    .min(1)
    .describe('Linear ramps from the previous level to `target`.');

const MAX_FACTOR = 1000;

/** A factor by which a load differs from what it was made of. */
const factor = (about: string) => z.number().positive().max(MAX_FACTOR).default(1).describe(about);

/** The fields of a trace. */
const trace = {
  traceFile: z
    .string()
    .min(1)
    .describe(
      'The trace: CSV, JSON lines or Parquet with a row for each arrival, also compressed, or a HAR, a recording or a journal; relative to ' +
        'this file.',
    ),
  traceColumns: z
    .partialRecord(z.enum(TRACE_FIELDS), z.string().min(1))
    .default({})
    .describe(
      'Names of the columns where they are not known: `{ time: ts, promptTokens: in }`. A time that is a number is in seconds, or in the ' +
        'unit after its column: `ts:ms`.',
    ),
  traceModels: z
    .record(z.string(), z.string().min(1))
    .default({})
    .describe('Other names for the models of the trace: `{ ChatGPT: gpt-4o-mini }`.'),
  traceSpan: time,
  speed: factor('How many times as fast the trace passes: 2 plays an hour in half an hour.'),
  scale: factor('Calls for each arrival of the trace: 0.5 leaves out half of them, drawn by seed; 2 doubles them.'),
  loop: z.int().min(1).max(MAX_FACTOR).default(1).describe('How often the window is played, one after the other.'),
};

/** What executors declare their settings with: an argument, so that a plan is computed without zod. */
export const loadFields = {
  z,
  length,
  maxVus: MAX_VUS,
  vus,
  wait,
  iterations,
  arrivalRate,
  arrivals,
  stages,
  ...trace,
};

export type LoadFields = typeof loadFields;
