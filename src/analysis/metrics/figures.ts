import type { Analysis } from '../analysis.ts';
import { percentile } from '../statistics/percentile.ts';
import { METRICS, type Metric } from './metrics.ts';

/** Unit of a figure: `us` is microseconds, `share` is between 0 and 1. */
export type FigureUnit = 'us' | 'share' | 'count' | 'per-second' | 'ratio';

/** Which direction is better. `cost`: more is more expensive, often only because more work was done. */
export type Better = 'more' | 'less' | 'neither' | 'cost';

/** One number by which runs are compared, e.g. `call_duration p(95)`. */
export interface Figure {
  readonly name: string;
  readonly metric: string;
  readonly unit: FigureUnit;
  readonly better: Better;
  /** Reads the figure from an analysis; null without samples. */
  read(analysis: Analysis): number | null;
}

/**
 * Which direction is better, by metric. `neither`: the requested load, what the provider or the runner does, and how long a
 * client waits, since waiting is judged by its effect on other metrics.
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

/** Percentiles that are figures, by trend; p(95) for trends not listed. */
const TREND_PERCENTS: Readonly<Record<string, readonly number[]>> = {
  call_duration: [50, 95, 99],
  retry_after_asked: [50],
  retry_wait: [50, 95],
};

/** Every figure, in the order of `METRICS`: percentiles of trends and the value of every other metric. */
export const FIGURES: readonly Figure[] = Object.keys(METRICS).flatMap((metric): Figure[] => {
  const definition = METRICS[metric]!;
  const better = BETTER[metric] ?? 'neither';
  if (definition.type === 'trend') {
    return (TREND_PERCENTS[metric] ?? [95]).map((percent) => ({
      name: `${metric} p(${percent})`,
      metric,
      unit: definition.unit,
      better,
      read: (analysis) => readPercentile(findMetric(analysis, metric), percent),
    }));
  }
  const unit = definition.type === 'rate' ? 'share' : definition.type === 'counter' ? 'count' : definition.unit;
  return [{ name: metric, metric, unit, better, read: (analysis) => readNumber(findMetric(analysis, metric)) }];
});

const findMetric = ({ metrics }: Analysis, metric: string): Metric | undefined =>
  metrics.find(({ name }) => name === metric);

function readPercentile(metric: Metric | undefined, percent: number): number | null {
  return metric?.type === 'trend' && metric.sorted.length > 0 ? percentile(metric.sorted, percent) : null;
}

function readNumber(metric: Metric | undefined): number | null {
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
