import { mean, percentile } from '../statistics/percentile.ts';
import type { METRICS, Metric, MetricName } from './metrics.ts';

/** Aggregations of samples, as in k6. Durations in milliseconds; null without samples. */
export interface TrendValues {
  readonly samples: number;
  readonly avg: number | null;
  readonly min: number | null;
  readonly med: number | null;
  readonly max: number | null;
  readonly 'p(90)': number | null;
  readonly 'p(95)': number | null;
  readonly 'p(99)': number | null;
}

/** A share from 0 to 1; null without samples. */
export interface RateValues {
  readonly rate: number | null;
  readonly hits: number;
  readonly samples: number;
}

/** A count, and its rate per second of the run. */
export interface CounterValues {
  readonly count: number;
  readonly rate: number;
}

/** A single value; null without samples. */
export interface GaugeValues {
  readonly value: number | null;
}

/** The values of a metric by its type. */
interface ValuesByType {
  readonly trend: TrendValues;
  readonly rate: RateValues;
  readonly counter: CounterValues;
  readonly gauge: GaugeValues;
}

/** The values of every metric, by name. */
export type MetricValues = { readonly [Name in MetricName]: ValuesByType[(typeof METRICS)[Name]['type']] };

/** Returns the aggregations of a metric, as in `summary.json`. */
export function aggregate(metric: Metric): ValuesByType[Metric['type']] {
  switch (metric.type) {
    case 'trend':
      return trendValues(metric);
    case 'rate': {
      const { hits, samples } = metric;
      return { rate: samples === 0 ? null : hits / samples, hits, samples };
    }
    case 'counter':
      return { count: metric.count, rate: metric.perSecond };
    case 'gauge':
      return { value: metric.value };
  }
}

/** Returns the aggregations of metrics by name. */
export function aggregateByName(metrics: readonly Metric[]): MetricValues {
  return Object.fromEntries(metrics.map((metric) => [metric.name, aggregate(metric)])) as unknown as MetricValues;
}

function trendValues({ sorted, unit }: Extract<Metric, { type: 'trend' }>): TrendValues {
  const scale = unit === 'us' ? 1000 : 1;
  const of = (value: number | undefined): number | null =>
    value === undefined || Number.isNaN(value) ? null : value / scale;
  return {
    samples: sorted.length,
    avg: of(mean(sorted)),
    min: of(sorted[0]),
    med: of(percentile(sorted, 50)),
    max: of(sorted.at(-1)),
    'p(90)': of(percentile(sorted, 90)),
    'p(95)': of(percentile(sorted, 95)),
    'p(99)': of(percentile(sorted, 99)),
  };
}
