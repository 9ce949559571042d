import { type Problem, QuotaLabError } from '../../mock-server/error.ts';
import type { Analysis } from '../analysis/analysis.ts';
import type { VerdictStatus } from '../analysis/judging/verdict.ts';
import { FIGURES } from '../analysis/metrics/figures.ts';
import type { Run } from '../analysis/run/run-view.ts';
import { type Conditions, extractConditions, findConditionDifferences } from './conditions.ts';

/** Version of the measurement format. Newer versions are rejected. */
export const MEASUREMENT_VERSION = 1;

/** Status of a verdict for one seed. `would-fail`: a warning that becomes `fail` if another seed agrees. */
export type SeedStatus = VerdictStatus | 'would-fail' | 'missing';

/** The statuses of one verdict, in the order of the seeds. */
export interface MeasuredVerdict {
  readonly severity: 'error' | 'warn';
  readonly seeds: readonly SeedStatus[];
  /** Reason of each seed; omitted in baselines. */
  readonly reasons?: readonly string[];
}

/** The results of one client under given conditions, with one or more seeds. Every list is in the order of `seeds`. */
export interface Measurement {
  readonly tool: string;
  /** Node version, in wall and scaled time only, where results depend on the machine. */
  readonly node?: string;
  readonly conditions: Conditions;
  /** In ascending order. */
  readonly seeds: readonly number[];
  /** By name as in `FIGURES`: milliseconds, shares from 0 to 1; null without samples. */
  readonly figures: Readonly<Record<string, readonly (number | null)[]>>;
  /** Whether each threshold held, by metric and expression, e.g. `call_failed rate<0.01`. */
  readonly thresholds: Readonly<Record<string, readonly (boolean | null)[]>>;
  readonly verdicts: Readonly<Record<string, MeasuredVerdict>>;
  /** Incomplete runs, e.g. `seed 3: interrupted`. */
  readonly partial?: readonly string[];
}

/** Creates the measurement of one run. */
export function createMeasurement(
  { header, stopped }: Pick<Run, 'header' | 'stopped'>,
  analysis: Analysis,
): Measurement {
  const { node } = header.generated;
  return {
    tool: header.tool,
    ...(node !== undefined && { node }),
    conditions: extractConditions(header),
    seeds: [header.seed],
    figures: Object.fromEntries(Object.entries(readFigures(analysis)).map(([name, value]) => [name, [value]])),
    thresholds: Object.fromEntries(
      analysis.thresholds.map(({ metric, expression, ok }) => [`${metric} ${expression}`, [ok]]),
    ),
    verdicts: Object.fromEntries(
      analysis.verdicts.flatMap(({ id, severity, status, wouldFail, reason }) =>
        severity === 'off'
          ? []
          : [[id, { severity, seeds: [wouldFail ? 'would-fail' : status], reasons: [reason] }] as const],
      ),
    ),
    ...(stopped && { partial: [`seed ${header.seed}: ${stopped}`] }),
  };
}

/** Returns every figure of a run by name: milliseconds, shares from 0 to 1, nine decimals. */
export function readFigures(analysis: Analysis): Record<string, number | null> {
  return Object.fromEntries(
    FIGURES.map(({ name, unit, read }) => {
      const value = read(analysis);
      return [name, value === null ? null : round(unit === 'us' ? value / 1000 : value)];
    }),
  );
}

/** Rounds away floating-point errors, so that equal figures have equal text. */
function round(value: number): number {
  return Number(value.toFixed(9));
}

/**
 * Merges measurements in any order. Throws `compare/nothing` for an empty list, and `compare/mixed` if conditions differ or
 * a seed is duplicated.
 */
export function mergeMeasurements(parts: readonly Measurement[], place: string): Measurement {
  const [first, ...rest] = parts
    .flatMap((part) => part.seeds.map((seed) => selectSeed(part, seed)))
    .sort((a, b) => a.seeds[0]! - b.seeds[0]!);
  if (!first) throw new QuotaLabError('compare/nothing', `${place} contains no run`);
  const seeds = [first, ...rest].flatMap((part) => part.seeds);
  const problems: Problem[] = [
    ...rest.flatMap((part) =>
      findConditionDifferences(first.conditions, part.conditions).map(({ path, base, candidate }) => ({
        path,
        message: `${base} for seed ${first.seeds[0]}, ${candidate} for seed ${part.seeds[0]}`,
      })),
    ),
    ...[...new Set(seeds.filter((seed, index) => seeds.indexOf(seed) !== index))].map((seed) => ({
      path: '',
      message: `seed ${seed} is duplicated`,
    })),
  ];
  if (problems.length > 0) {
    throw new QuotaLabError('compare/mixed', `${place} contains runs with different conditions or duplicate seeds`, {
      problems,
    });
  }
  return mergeColumns([first, ...rest], seeds);
}

function mergeColumns(parts: readonly Measurement[], seeds: readonly number[]): Measurement {
  const namesOf = (kind: 'figures' | 'thresholds' | 'verdicts'): string[] => [
    ...new Set(parts.flatMap((part) => Object.keys(part[kind]))),
  ];
  const column = <Value, Missing>(
    read: (part: Measurement) => readonly Value[] | undefined,
    missing: Missing,
  ): (Value | Missing)[] =>
    parts.flatMap((part): (Value | Missing)[] => [...(read(part) ?? part.seeds.map(() => missing))]);
  const partial = parts.flatMap((part) => part.partial ?? []);
  return {
    ...parts[0]!,
    seeds,
    figures: byName(namesOf('figures'), (name) => column(({ figures }) => figures[name], null)),
    thresholds: byName(namesOf('thresholds'), (name) => column(({ thresholds }) => thresholds[name], null)),
    verdicts: byName(namesOf('verdicts'), (id) => ({
      severity: parts.find(({ verdicts }) => verdicts[id])!.verdicts[id]!.severity,
      seeds: column(({ verdicts }) => verdicts[id]?.seeds, 'missing' as const),
      reasons: column(({ verdicts }) => verdicts[id]?.reasons, ''),
    })),
    ...(partial.length > 0 && { partial }),
  };
}

/** Returns the part of a measurement for one seed. */
export function selectSeed(measurement: Measurement, seed: number): Measurement {
  const { seeds, figures, thresholds, partial = [], ...rest } = measurement;
  const index = seeds.indexOf(seed);
  const pick = <Value>(lists: Readonly<Record<string, readonly Value[]>>): Record<string, readonly Value[]> =>
    Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, [list[index]!]]));
  const verdicts = Object.entries(rest.verdicts).map(([id, verdict]) => {
    const { severity, reasons } = verdict;
    return [id, { severity, seeds: [verdict.seeds[index]!], ...(reasons && { reasons: [reasons[index]!] }) }];
  });
  const own = partial.filter((text) => text.startsWith(`seed ${seed}:`));
  return {
    ...rest,
    seeds: [seed],
    figures: pick(figures),
    thresholds: pick(thresholds),
    verdicts: Object.fromEntries(verdicts),
    ...(own.length > 0 && { partial: own }),
  };
}

function byName<Value>(names: readonly string[], read: (name: string) => Value): Record<string, Value> {
  return Object.fromEntries(names.map((name) => [name, read(name)]));
}

/** Creates the committed form of a measurement: without reasons, and with a single status if all seeds agree. */
export function createBaseline(measurement: Measurement): object {
  const verdicts = Object.entries(measurement.verdicts).map(([id, { severity, seeds }]) => [
    id,
    { severity, seeds: new Set(seeds).size === 1 ? seeds[0] : seeds },
  ]);
  return { version: MEASUREMENT_VERSION, ...measurement, verdicts: Object.fromEntries(verdicts) };
}
