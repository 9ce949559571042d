import type { Analysis } from './analysis.ts';
import type { VerdictStatus } from './judging/verdict.ts';
import { FIGURES, type FigureUnit } from './metrics/figures.ts';
import { ascending, mean, percentile } from './statistics/percentile.ts';

/** One seed's result. */
export interface Seeded {
  readonly seed: number;
  readonly ok: boolean;
  readonly analysis: Analysis;
}

/** How one figure differs from seed to seed; `values` in the order of the seeds. */
export interface Spread {
  readonly name: string;
  readonly unit: FigureUnit;
  readonly min: number;
  readonly median: number;
  readonly mean: number;
  readonly max: number;
  readonly values: readonly number[];
}

/** How often a verdict came out how. */
export interface VerdictSpread {
  readonly id: string;
  readonly counts: Readonly<Partial<Record<VerdictStatus, number>>>;
}

/** The figures that a table of seeds shows. */
const SHOWN = [
  'calls',
  'call_failed',
  'call_duration p(50)',
  'call_duration p(95)',
  'goodput',
  'attempts',
  'attempt_rejected',
  'retry_amplification',
];

/** The spread of each of these figures that all seeds have. */
export function spreadOf(seeds: readonly Seeded[]): Spread[] {
  return SHOWN.map((shown) => FIGURES.find(({ name }) => name === shown)!).flatMap(({ name, unit, of }) => {
    const values = seeds.map(({ analysis }) => of(analysis));
    if (!values.every((value) => value !== null)) return [];
    const sorted = ascending(values);
    const median = percentile(sorted, 50);
    return [{ name, unit, min: sorted[0]!, median, mean: mean(sorted), max: sorted.at(-1)!, values }];
  });
}

export function verdictSpread(seeds: readonly Seeded[]): VerdictSpread[] {
  const ids = seeds[0]?.analysis.verdicts.map(({ id }) => id) ?? [];
  return ids.map((id) => {
    const counts: Partial<Record<VerdictStatus, number>> = {};
    for (const { analysis } of seeds) {
      const { status } = analysis.verdicts.find((verdict) => verdict.id === id)!;
      counts[status] = (counts[status] ?? 0) + 1;
    }
    return { id, counts };
  });
}
