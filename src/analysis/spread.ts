import type { Analysis } from './analysis.ts';
import { mean, percentile } from './percentile.ts';
import type { VerdictStatus } from './verdict.ts';

/** One seed's result. */
export interface Seeded {
  readonly seed: number;
  readonly ok: boolean;
  readonly analysis: Analysis;
}

/** How one figure differs from seed to seed; `values` in the order of the seeds. */
export interface Spread {
  readonly name: string;
  readonly unit: 'us' | 'share' | 'count' | 'per-second' | 'ratio';
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

/** Figures that tell one run from another: one number each. */
const FIGURES: readonly {
  readonly name: string;
  readonly unit: Spread['unit'];
  of(analysis: Analysis): number | null;
}[] = [
  { name: 'calls', unit: 'count', of: (analysis) => counted(analysis, 'calls') },
  { name: 'call_failed', unit: 'share', of: (analysis) => share(analysis, 'call_failed') },
  { name: 'call_duration p(50)', unit: 'us', of: (analysis) => trend(analysis, 'call_duration', 50) },
  { name: 'call_duration p(95)', unit: 'us', of: (analysis) => trend(analysis, 'call_duration', 95) },
  { name: 'goodput', unit: 'per-second', of: (analysis) => gauge(analysis, 'goodput') },
  { name: 'attempts', unit: 'count', of: (analysis) => counted(analysis, 'attempts') },
  { name: 'attempt_rejected', unit: 'share', of: (analysis) => share(analysis, 'attempt_rejected') },
  { name: 'retry_amplification', unit: 'ratio', of: (analysis) => gauge(analysis, 'retry_amplification') },
];

/** The spread of every figure that all seeds have. */
export function spreadOf(seeds: readonly Seeded[]): Spread[] {
  return FIGURES.flatMap(({ name, unit, of }) => {
    const values = seeds.map(({ analysis }) => of(analysis));
    if (!values.every((value) => value !== null)) return [];
    const sorted = values.toSorted((a, b) => a - b);
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

type Named = Analysis['metrics'][number] | undefined;
const find = ({ metrics }: Analysis, wanted: string): Named => metrics.find(({ name }) => name === wanted);

function counted(analysis: Analysis, name: string): number | null {
  const metric = find(analysis, name);
  return metric?.type === 'counter' ? metric.count : null;
}

function share(analysis: Analysis, name: string): number | null {
  const metric = find(analysis, name);
  return metric?.type === 'rate' && metric.samples > 0 ? metric.hits / metric.samples : null;
}

function trend(analysis: Analysis, name: string, percent: number): number | null {
  const metric = find(analysis, name);
  return metric?.type === 'trend' && metric.sorted.length > 0 ? percentile(metric.sorted, percent) : null;
}

function gauge(analysis: Analysis, name: string): number | null {
  const metric = find(analysis, name);
  return metric?.type === 'gauge' ? metric.value : null;
}
