import { z } from 'zod';
import { formatDuration } from '../../mock-server/duration.ts';
import { duration, keysOf, perSecond } from '../../mock-server/setting-fields.ts';
import type { LoadPlan, Stage, Timing } from './plan.ts';
import { wait } from './wait.ts';

const timing = {
  name: z
    .string()
    .regex(/^[\w][\w. -]*$/, { error: 'must be letters, digits, spaces, dots, dashes' })
    .optional()
    .describe('Name of this load: calls carry it, and reports compare named loads.'),
  startTime: duration('Delay after the start of the run.').default(0),
  gracefulStop: duration('How long calls in flight may continue after the end.').default(30_000_000),
};

type Fields = z.core.$ZodLooseShape;
type Raw<Shape extends Fields> = z.output<z.ZodObject<Shape, z.core.$strict>>;

/** Everything about one executor. `Settings` are its fields in the scenario file, resolved. */
interface Definition<Name extends string, Shape extends Fields, Settings> {
  /** As in k6. */
  readonly name: Name;
  /** Describes the executor in the JSON schema. */
  readonly about: string;
  /** Its fields in the scenario file, besides those that every executor has. */
  readonly fields: Shape;
  /** Converts the parsed fields: times into `…Us`, rates into `…PerSecond`. The order of keys is that of the journal. */
  resolve(raw: Raw<Shape>): Settings;
  plan(load: Settings & Timing): LoadPlan;
  /** Describes the load in one line, e.g. `20 VUs for 30s`. */
  describe(load: Settings): string;
  /** The field that scales the load, which `quotalab plan` varies; undefined if there is no single one. */
  readonly parameter: (keyof Shape & string) | undefined;
}

/** Defines an executor: adds the schema of its settings, with the fields that every executor has. */
export function defineExecutor<const Name extends string, Shape extends Fields, Settings extends object>(
  definition: Definition<Name, Shape, Settings>,
) {
  const { name, about, fields, resolve } = definition;
  const schema = keysOf({ executor: z.literal(name).describe(about), ...fields, ...timing }).transform((raw) => {
    const { name: loadName, startTime, gracefulStop } = raw as Raw<typeof timing>;
    return {
      executor: name,
      ...resolve(raw as unknown as Raw<Shape>),
      ...(loadName !== undefined && { name: loadName }),
      startUs: startTime,
      gracefulStopUs: gracefulStop,
    } as Readonly<{ executor: Name } & Settings & Timing>;
  });
  return { ...definition, schema };
}

export const vus = z.int().min(1).describe('Virtual users.');

/** The fields of an executor that ends after a number of iterations. */
export const iterationFields = {
  vus: vus.default(1),
  iterations: z.int().min(1).describe('How many iterations.'),
  maxDuration: duration('Ends the load even if iterations are left.').default(600_000_000),
  wait,
};

/** Resolves `iterationFields`. */
export const resolveIterations = ({ maxDuration, ...raw }: Raw<typeof iterationFields>) => ({
  vus: raw.vus,
  iterations: raw.iterations,
  maxDurationUs: maxDuration,
  wait: raw.wait,
});

/** Arrivals per second, as a number or as text such as `500/min`. */
export const arrivalRate = z
  .union([perSecond, z.number().min(0)], {
    error: 'must be a rate such as 5/s or 500/min, or a number of arrivals per second',
  })
  .describe('Arrival rate: `5/s`, `500/min`, or a number per second.');

/** The fields of an executor with an arrival rate. */
export const arrivalFields = {
  arrivals: z
    .enum(['uniform', 'poisson'])
    .default('uniform')
    .describe('Evenly spaced, or random like arrivals of many independent users.'),
  maxVUs: z.int().min(1).default(1000).describe('Maximum VUs. An arrival that finds all of them busy is dropped.'),
};

/** The field `stages`. */
export const stages = <Target extends z.ZodType<number>>(target: Target) =>
  z
    .array(keysOf({ duration: duration('Length of the stage.'), target }))
    .min(1)
    .describe('Linear ramps from the previous level to `target`.');

/** Resolves the field `stages`. */
export const resolveStages = (list: readonly { duration: number; target: number }[]): readonly Stage[] =>
  list.map(({ duration: durationUs, target }) => ({ durationUs, target }));

/** Formats a number of VUs. */
export const formatVus = (count: number): string => (count === 1 ? '1 VU' : `${count} VUs`);

/** Formats an arrival rate; rates below 1/s are per minute. */
export function formatRate(perSecond: number): string {
  const perMinute = Number((perSecond * 60).toFixed(2));
  return perSecond > 0 && perSecond < 1 ? `${perMinute}/min` : `${perSecond}/s`;
}

/** Describes stages as an addition to the level at the start. */
export function describeStages(list: readonly Stage[], unit: string): string {
  return list.map(({ durationUs, target }) => ` → ${target}${unit} in ${formatDuration(durationUs)}`).join('');
}

/** Describes the spread and the maximum VUs of an open load. */
export function describeArrivals(load: { readonly arrivals: 'uniform' | 'poisson'; readonly maxVus: number }): string {
  return `${load.arrivals === 'poisson' ? ' (Poisson)' : ''}, up to ${formatVus(load.maxVus)}`;
}
