import type { Analysis } from './analysis.ts';
import type { VerdictStatus } from './judging/verdict.ts';
import { FIGURES } from './metrics/figures.ts';
import type { MetricUnit } from './metrics/metrics.ts';
import { ascending, mean, percentile } from './statistics/percentile.ts';

/** The result of one seed. */
export interface SeedResult {
  readonly seed: number;
  readonly ok: boolean;
  readonly analysis: Analysis;
}

/** The spread of one figure over the seeds; `values` in the order of the seeds. */
export interface Spread {
  readonly name: string;
  readonly unit: MetricUnit;
  readonly min: number;
  readonly median: number;
  readonly mean: number;
  readonly max: number;
  readonly values: readonly number[];
}

/** How often a verdict had each status. */
export interface VerdictSpread {
  readonly id: string;
  readonly counts: Readonly<Partial<Record<VerdictStatus, number>>>;
}

/** Figures shown in the table of seeds. */
const SHOWN_FIGURES = [
  'calls',
  'call_failed',
  'call_duration p(50)',
  'call_duration p(95)',
  'goodput',
  'attempts',
  'attempt_rejected',
  'retry_amplification',
];

/** The spread of the results over the seeds. */
export interface SeedSpread {
  readonly figures: readonly Spread[];
  readonly verdicts: readonly VerdictSpread[];
}

/** Computes the spread of the shown figures and of all verdicts. */
export function computeSeedSpread(seeds: readonly SeedResult[]): SeedSpread {
  return { figures: computeSpread(seeds), verdicts: computeVerdictSpread(seeds) };
}

/** Computes the spread of each shown figure that every seed has. */
export function computeSpread(seeds: readonly SeedResult[]): Spread[] {
  return SHOWN_FIGURES.map((shown) => FIGURES.find(({ name }) => name === shown)!).flatMap(({ name, unit, read }) => {
    const values = seeds.map(({ analysis }) => read(analysis));
    if (!values.every((value) => value !== null)) return [];
    const sorted = ascending(values);
    const median = percentile(sorted, 50);
    return [{ name, unit, min: sorted[0]!, median, mean: mean(sorted), max: sorted.at(-1)!, values }];
  });
}

/** Counts the statuses of each verdict over the seeds. */
export function computeVerdictSpread(seeds: readonly SeedResult[]): VerdictSpread[] {
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
