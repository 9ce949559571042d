import { type Problem, QuotaLabError } from '../../mock-server/error.ts';
import type { Analysis } from '../analysis/analysis.ts';
import type { VerdictStatus } from '../analysis/judging/verdict.ts';
import { FIGURES } from '../analysis/metrics/figures.ts';
import type { Run } from '../analysis/run/run-view.ts';
import { type Conditions, conditionsOf, differencesOf } from './conditions.ts';

/** Version of the format of measurements; a reader refuses a newer one. */
export const MEASUREMENT_VERSION = 1;

/** How a verdict came out for one seed. `would-fail`: it warns, and fails if another seed says the same. */
export type SeedStatus = VerdictStatus | 'would-fail' | 'missing';

export interface MeasuredVerdict {
  readonly severity: 'error' | 'warn';
  readonly seeds: readonly SeedStatus[];
  /** What each seed said; not kept in baselines. */
  readonly reasons?: readonly string[];
}

/** What one client did under some conditions, with one or several seeds. Every list is in the order of `seeds`. */
export interface Measurement {
  readonly tool: string;
  /** Node's version where the machine has its say: in wall and scaled time. */
  readonly node?: string;
  readonly conditions: Conditions;
  /** In ascending order. */
  readonly seeds: readonly number[];
  /** By name as in `FIGURES`: milliseconds, shares of 1; null for no samples. */
  readonly figures: Readonly<Record<string, readonly (number | null)[]>>;
  /** Whether each held, by metric and expression, e.g. `call_failed rate<0.01`. */
  readonly thresholds: Readonly<Record<string, readonly (boolean | null)[]>>;
  readonly verdicts: Readonly<Record<string, MeasuredVerdict>>;
  /** Runs that did not go their whole way, e.g. `seed 3: interrupted`. */
  readonly partial?: readonly string[];
}

/** A run of one seed as a measurement. */
export function measurementOf({ header, stopped }: Pick<Run, 'header' | 'stopped'>, analysis: Analysis): Measurement {
  const { node } = header.generated;
  return {
    tool: header.tool,
    ...(node !== undefined && { node }),
    conditions: conditionsOf(header),
    seeds: [header.seed],
    figures: Object.fromEntries(Object.entries(figuresOf(analysis)).map(([name, value]) => [name, [value]])),
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

/** Every figure of a run by name; milliseconds, shares of 1, nine decimals. */
export function figuresOf(analysis: Analysis): Record<string, number | null> {
  return Object.fromEntries(
    FIGURES.map(({ name, unit, of }) => {
      const value = of(analysis);
      return [name, value === null ? null : rounded(unit === 'us' ? value / 1000 : value)];
    }),
  );
}

/** So that the same figure is the same text, whatever sum it came from. */
function rounded(value: number): number {
  return Number(value.toFixed(9));
}

/**
 * Several measurements as one, in whatever order they come. Throws `compare/nothing` for none, `compare/mixed` where
 * conditions differ or a seed comes twice.
 */
export function joined(parts: readonly Measurement[], place: string): Measurement {
  const [first, ...rest] = parts
    .flatMap((part) => part.seeds.map((seed) => ofSeed(part, seed)))
    .sort((a, b) => a.seeds[0]! - b.seeds[0]!);
  if (!first) throw new QuotaLabError('compare/nothing', `${place} holds no run`);
  const seeds = [first, ...rest].flatMap((part) => part.seeds);
  const problems: Problem[] = [
    ...rest.flatMap((part) =>
      differencesOf(first.conditions, part.conditions).map(({ path, base, candidate }) => ({
        path,
        message: `${base} for seed ${first.seeds[0]}, ${candidate} for seed ${part.seeds[0]}`,
      })),
    ),
    ...[...new Set(seeds.filter((seed, index) => seeds.indexOf(seed) !== index))].map((seed) => ({
      path: '',
      message: `seed ${seed} is there more than once`,
    })),
  ];
  if (problems.length > 0) {
    throw new QuotaLabError('compare/mixed', `${place} holds runs that do not belong together`, { problems });
  }
  return columns([first, ...rest], seeds);
}

function columns(parts: readonly Measurement[], seeds: readonly number[]): Measurement {
  const namesOf = (kind: 'figures' | 'thresholds' | 'verdicts'): string[] => [
    ...new Set(parts.flatMap((part) => Object.keys(part[kind]))),
  ];
  const column = <Value, None>(of: (part: Measurement) => readonly Value[] | undefined, none: None): (Value | None)[] =>
    parts.flatMap((part): (Value | None)[] => [...(of(part) ?? part.seeds.map(() => none))]);
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

/** What one seed of a measurement says by itself. */
export function ofSeed(measurement: Measurement, seed: number): Measurement {
  const { seeds, figures, thresholds, partial = [], ...rest } = measurement;
  const at = seeds.indexOf(seed);
  const pick = <Value>(lists: Readonly<Record<string, readonly Value[]>>): Record<string, readonly Value[]> =>
    Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, [list[at]!]]));
  const verdicts = Object.entries(rest.verdicts).map(([id, verdict]) => {
    const { severity, reasons } = verdict;
    return [id, { severity, seeds: [verdict.seeds[at]!], ...(reasons && { reasons: [reasons[at]!] }) }];
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

function byName<Value>(names: readonly string[], of: (name: string) => Value): Record<string, Value> {
  return Object.fromEntries(names.map((name) => [name, of(name)]));
}

/** A measurement as it is committed: without words, and one status where all seeds came out the same. */
export function baselineOf(measurement: Measurement): object {
  const verdicts = Object.entries(measurement.verdicts).map(([id, { severity, seeds }]) => [
    id,
    { severity, seeds: new Set(seeds).size === 1 ? seeds[0] : seeds },
  ]);
  return { version: MEASUREMENT_VERSION, ...measurement, verdicts: Object.fromEntries(verdicts) };
}
