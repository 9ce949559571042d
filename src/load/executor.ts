import type { z } from 'zod';
import { formatDuration } from '../../mock-server/duration.ts';
import type { LoadFields } from './fields.ts';
import type { LoadPlan, Stage, Timing } from './plan.ts';
import type { RecordedFields } from './recorded-fields.ts';

type Fields = z.core.$ZodLooseShape;
type Raw<Shape extends Fields> = z.output<z.ZodObject<Shape, z.core.$strict>>;

/** Everything about one executor. `Settings` are its fields in the scenario file, resolved. */
export interface ExecutorDefinition<Name extends string, Shape extends Fields, Settings> {
  /** The name of the executor in k6. */
  readonly name: Name;
  /** Describes the executor in the JSON schema. */
  readonly about: string;
  /** Its fields in the scenario file, besides those that every executor has. */
  fields(field: LoadFields): Shape;
  /** Converts the parsed fields: times into `…Us`, rates into `…PerSecond`. The order of keys is that of the journal. */
  resolve(raw: Raw<Shape>): Settings;
  /** Schemas of its settings, by which journals are checked. */
  recorded(field: RecordedFields): Readonly<Record<keyof Settings, z.core.$ZodType>>;
  plan(load: Settings & Timing): LoadPlan;
  /** Describes the load in one line, e.g. `20 VUs for 30s`. */
  describe(load: Settings): string;
  /** The field that scales the load, which `quotalab plan` varies; undefined if no single field does. */
  readonly parameter: (keyof Shape & string) | undefined;
}

/** Defines an executor; infers the types of its settings. */
export function defineExecutor<const Name extends string, Shape extends Fields, Settings extends object>(
  definition: ExecutorDefinition<Name, Shape, Settings>,
): ExecutorDefinition<Name, Shape, Settings> {
  return definition;
}

/** Resolves the fields of an executor that ends after a number of iterations. */
export const resolveIterations = ({ vus, iterations, maxDuration, wait }: Raw<LoadFields['iterations']>) => ({
  vus,
  iterations,
  maxDurationUs: maxDuration,
  wait,
});

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

/** Describes the stages after the initial level, e.g. ` → 20/s in 1m`. */
export function describeStages(list: readonly Stage[], unit: string): string {
  return list.map(({ durationUs, target }) => ` → ${target}${unit} in ${formatDuration(durationUs)}`).join('');
}

/** Describes the spread and the maximum VUs of an open load. */
export function describeArrivals(load: { readonly arrivals: 'uniform' | 'poisson'; readonly maxVus: number }): string {
  return `${load.arrivals === 'poisson' ? ' (Poisson)' : ''}, up to ${formatVus(load.maxVus)}`;
}
