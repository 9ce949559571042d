import type { z } from 'zod';
import type { Problem } from '../error.ts';
import type { Rate } from '../quantity.ts';
import type { LimiterFields } from './fields.ts';
import type { Limiter } from './limiter.ts';

/** The zod fields of an algorithm's settings in a scenario, in addition to those of all limits. */
export type SettingsShape = z.core.$ZodLooseShape;

/** The definition of a limiter algorithm; `algorithms.ts` lists them all. */
export interface Algorithm<Spec = unknown, Shape extends SettingsShape = SettingsShape> {
  settings(fields: LimiterFields): Shape;
  /** Converts parsed settings to a spec, without checking its figures. */
  toSpec(settings: z.output<z.ZodObject<Shape>>): Spec;
  /** The inverse of `toSpec`: converts a spec to settings. */
  toSettings(spec: Spec): Record<string, unknown>;
  /** Returns the settings that express the size in a limit line, such as `5/s`. */
  parseSize(size: string): Record<string, unknown>;
  /** Returns a problem for each invalid figure; paths are names of settings. */
  problems(spec: Spec): Problem[];
  /** Creates the limiter of a valid spec. */
  create(spec: Spec): Limiter;
  /** Returns the largest burst, which providers print as the amount of the limit. */
  amount(spec: Spec): number;
  /** Returns the long-run rate; null if there is none: nothing comes back with time alone, or the limit grows with use. */
  sustained(spec: Spec): Rate | null;
  /** Describes rate and burst, e.g. `5 requests a second, bursts of up to 10`. */
  describe(spec: Spec, unit: string): string;
  /** The fields that every spec has: a journal without them cannot be read. */
  readonly recorded: readonly string[];
  /** How capacity returns. */
  readonly refills: Refills;
  /**
   * What it restricts: a rate, a quota whose refusals report it as exhausted, open requests, or growth, whose refusals say
   * to slow down and which headers do not show.
   */
  readonly restricts: 'rate' | 'quota' | 'concurrency' | 'growth';
}

/**
 * `continuously` and `by-draining`: the level rises at the sustained rate, as a bucket fills or a queue drains. `in-steps`: at
 * fixed ticks. `at-reset`: all at the end of a window. `by-weight`: as the weight of the past window falls. `by-expiry`: as
 * each charge expires. `by-growth`: at the end of a window, by what was used in it. `on-release`: as requests end.
 */
type Refills =
  | 'continuously'
  | 'by-draining'
  | 'in-steps'
  | 'at-reset'
  | 'by-weight'
  | 'by-expiry'
  | 'by-growth'
  | 'on-release';
