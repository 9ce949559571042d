import type { Analysis } from '../analysis.ts';
import { percentile } from '../statistics/percentile.ts';
import type { Better, MetricDefinition } from './metric-definition.ts';
import { METRIC_NAMES, METRICS, type Metric, type MetricName, type MetricUnit, metricUnit } from './metrics.ts';

/** One number by which runs are compared, e.g. `call_duration p(95)`. */
export interface Figure {
  readonly name: string;
  readonly metric: MetricName;
  readonly unit: MetricUnit;
  readonly better: Better;
  /** Reads the figure from an analysis; null without samples. */
  read(analysis: Analysis): number | null;
}

/** Every figure, in the order of `METRICS`: percentiles of trends and the value of every other metric. */
export const FIGURES: readonly Figure[] = METRIC_NAMES.flatMap((metric): Figure[] => {
  const definition: MetricDefinition = METRICS[metric];
  const common = { metric, unit: metricUnit(metric), better: definition.better };
  if (definition.type !== 'trend') {
    return [{ ...common, name: metric, read: (analysis) => readNumber(findMetric(analysis, metric)) }];
  }
  return definition.percentiles.map((percent) => ({
    ...common,
    name: `${metric} p(${percent})`,
    read: (analysis) => readPercentile(findMetric(analysis, metric), percent),
  }));
});

const findMetric = ({ metrics }: Analysis, metric: MetricName): Metric | undefined =>
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
