import { z } from 'zod';
import { duration, keysOf, perSecond } from '../../mock-server/fields.ts';
import type { Executor, Stage, WaitTime } from '../load/executor.ts';

const vus = z.int().min(1).describe('Virtual users.');

const wait = z
  .union(
    [
      keysOf({ between: z.tuple([duration('Minimum.'), duration('Maximum.')]) }).transform(
        ({ between: [minUs, maxUs] }, context): WaitTime => {
          if (maxUs < minUs)
            context.addIssue({ code: 'custom', path: ['between'], message: 'the minimum must not exceed the maximum' });
          return { kind: 'between', minUs, maxUs };
        },
      ),
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
  .describe('How long a VU waits between two iterations.');

const timing = {
  name: z
    .string()
    .regex(/^[\w][\w. -]*$/, { error: 'must be letters, digits, spaces, dots, dashes' })
    .optional()
    .describe('Name of this load: calls carry it, and reports compare named loads.'),
  startTime: duration('Delay after the start of the run.').default(0),
  gracefulStop: duration('How long calls in flight may continue after the end.').default(30_000_000),
};

/** Arrivals per second, as a number or as text such as `500/min`. */
const arrivalRate = z
  .union([perSecond, z.number().min(0)], {
    error: 'must be a rate such as 5/s or 500/min, or a number of arrivals per second',
  })
  .describe('Arrival rate: `5/s`, `500/min`, or a number per second.');

const open = {
  arrivals: z
    .enum(['uniform', 'poisson'])
    .default('uniform')
    .describe('Evenly spaced, or random like arrivals of many independent users.'),
  maxVUs: z.int().min(1).default(1000).describe('Maximum VUs. An arrival that finds all of them busy is dropped.'),
};

const stages = <Target extends z.ZodType<number>>(target: Target) =>
  z
    .array(keysOf({ duration: duration('Length of the stage.'), target }))
    .min(1)
    .describe('Linear ramps from the previous level to `target`.');

const toStages = (list: readonly { duration: number; target: number }[]): Stage[] =>
  list.map(({ duration: durationUs, target }) => ({ durationUs, target }));

const toTiming = (raw: { name?: string | undefined; startTime: number; gracefulStop: number }) => ({
  ...(raw.name !== undefined && { name: raw.name }),
  startUs: raw.startTime,
  gracefulStopUs: raw.gracefulStop,
});

const constantVus = keysOf({
  executor: z.literal('constant-vus').describe('A fixed number of VUs for a fixed time.'),
  vus,
  duration: duration('Length of the load.'),
  wait,
  ...timing,
});

const rampingVus = keysOf({
  executor: z.literal('ramping-vus').describe('A number of VUs that follows stages.'),
  startVUs: z.int().min(0).default(1).describe('VUs at the start.'),
  stages: stages(z.int().min(0).describe('VUs at the end of the stage.')),
  wait,
  ...timing,
});

const iterations = {
  vus: vus.default(1),
  iterations: z.int().min(1).describe('How many iterations.'),
  maxDuration: duration('Ends the load even if iterations are left.').default(600_000_000),
  wait,
  ...timing,
};

const perVuIterations = keysOf({
  executor: z.literal('per-vu-iterations').describe('A number of iterations for each VU.'),
  ...iterations,
});

const sharedIterations = keysOf({
  executor: z.literal('shared-iterations').describe('A number of iterations that the VUs share.'),
  ...iterations,
});

const constantArrivalRate = keysOf({
  executor: z.literal('constant-arrival-rate').describe('Iterations that start at a fixed rate.'),
  rate: arrivalRate,
  duration: duration('Length of the load.'),
  ...open,
  ...timing,
});

const rampingArrivalRate = keysOf({
  executor: z.literal('ramping-arrival-rate').describe('Iterations whose start rate follows stages.'),
  startRate: arrivalRate.default(0),
  stages: stages(arrivalRate),
  ...open,
  ...timing,
});

const flat = z.discriminatedUnion('executor', [
  constantVus,
  rampingVus,
  perVuIterations,
  sharedIterations,
  constantArrivalRate,
  rampingArrivalRate,
]);

/** One executor, with the names of k6, resolved. */
export const executorSchema = flat.transform((raw): Executor => {
  switch (raw.executor) {
    case 'constant-vus':
      return { executor: raw.executor, vus: raw.vus, durationUs: raw.duration, wait: raw.wait, ...toTiming(raw) };
    case 'ramping-vus':
      return {
        executor: raw.executor,
        startVus: raw.startVUs,
        stages: toStages(raw.stages),
        wait: raw.wait,
        ...toTiming(raw),
      };
    case 'per-vu-iterations':
    case 'shared-iterations':
      return {
        executor: raw.executor,
        vus: raw.vus,
        iterations: raw.iterations,
        maxDurationUs: raw.maxDuration,
        wait: raw.wait,
        ...toTiming(raw),
      };
    case 'constant-arrival-rate':
      return {
        executor: raw.executor,
        ratePerSecond: raw.rate,
        durationUs: raw.duration,
        arrivals: raw.arrivals,
        maxVus: raw.maxVUs,
        ...toTiming(raw),
      };
    case 'ramping-arrival-rate':
      return {
        executor: raw.executor,
        startRatePerSecond: raw.startRate,
        stages: toStages(raw.stages),
        arrivals: raw.arrivals,
        maxVus: raw.maxVUs,
        ...toTiming(raw),
      };
  }
});
