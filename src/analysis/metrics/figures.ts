import type { Analysis } from '../analysis.ts';
import { percentile } from '../statistics/percentile.ts';
import { METRICS, type Metric } from './metrics.ts';

/** What a figure counts; microseconds, shares of 1. */
export type FigureUnit = 'us' | 'share' | 'count' | 'per-second' | 'ratio';

/** Which way is better. `cost`: more is dearer, and often only because more was done. */
export type Better = 'more' | 'less' | 'neither' | 'cost';

/** One number that tells one run from another, e.g. `call_duration p(95)`. */
export interface Figure {
  readonly name: string;
  readonly metric: string;
  readonly unit: FigureUnit;
  readonly better: Better;
  /** Null for no samples. */
  of(analysis: Analysis): number | null;
}

/**
 * Which way each metric is better. `neither`: what was asked for, what the provider or the runner does, and how long a
 * client waits, which is judged by what it brings.
 */
export const BETTER: Readonly<Record<string, Better>> = {
  call_duration: 'less',
  call_failed: 'less',
  calls: 'neither',
  calls_unfinished: 'less',
  goodput: 'more',
  attempts: 'neither',
  attempt_duration: 'neither',
  attempt_rejected: 'less',
  attempt_failed: 'less',
  time_to_first_byte: 'neither',
  attempts_per_call: 'less',
  retry_amplification: 'less',
  retry_after_asked: 'neither',
  retry_wait: 'neither',
  dropped_iterations: 'less',
  start_lateness: 'neither',
  prompt_tokens: 'cost',
  completion_tokens: 'cost',
};

/** What is asked of trends; of any other its p(95). */
const PERCENTS: Readonly<Record<string, readonly number[]>> = {
  call_duration: [50, 95, 99],
  retry_after_asked: [50],
  retry_wait: [50, 95],
};

/** Every figure, in the order of `METRICS`: percentiles of trends, and the one number of every other metric. */
export const FIGURES: readonly Figure[] = Object.keys(METRICS).flatMap((metric): Figure[] => {
  const definition = METRICS[metric]!;
  const better = BETTER[metric] ?? 'neither';
  if (definition.type === 'trend') {
    return (PERCENTS[metric] ?? [95]).map((percent) => ({
      name: `${metric} p(${percent})`,
      metric,
      unit: definition.unit,
      better,
      of: (analysis) => percentOf(find(analysis, metric), percent),
    }));
  }
  const unit = definition.type === 'rate' ? 'share' : definition.type === 'counter' ? 'count' : definition.unit;
  return [{ name: metric, metric, unit, better, of: (analysis) => numberOf(find(analysis, metric)) }];
});

const find = ({ metrics }: Analysis, wanted: string): Metric | undefined => metrics.find(({ name }) => name === wanted);

function percentOf(metric: Metric | undefined, percent: number): number | null {
  return metric?.type === 'trend' && metric.sorted.length > 0 ? percentile(metric.sorted, percent) : null;
}

function numberOf(metric: Metric | undefined): number | null {
  switch (metric?.type) {
    case 'rate':
      return metric.samples === 0 ? null : metric.hits / metric.samples;
    case 'counter':
      return metric.count;
    case 'gauge':
      return metric.value;
    default:
      return null;
  }
}
