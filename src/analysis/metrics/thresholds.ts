import type { Problem } from '../../../mock-server/error.ts';
import { meantName } from '../../scenario/meant-name.ts';
import type { ThresholdSetting } from '../../scenario/scenario.ts';
import type { Run } from '../run/run-view.ts';
import { TAGS } from '../run/selection.ts';
import { mean, percentile } from '../statistics/percentile.ts';
import { computeMetric, METRICS, type Metric } from './metrics.ts';
import {
  type Aggregation,
  GRAMMAR,
  holds,
  type MetricSelector,
  parseExpression,
  parseSelector,
  type ThresholdExpression,
} from './threshold-expression.ts';

/** How one threshold fared. `ok` is false also when there was no sample to judge (`samples` 0). */
export interface ThresholdResult {
  readonly metric: string;
  readonly expression: string;
  readonly ok: boolean;
  /** Observed value in the metric's own unit (microseconds, share, count); null for no samples. */
  readonly observed: number | null;
  readonly samples: number;
}

/** What can be asked of each type of metric (k6). */
const AGGREGATIONS: Readonly<Record<Metric['type'], readonly Aggregation['name'][]>> = {
  trend: ['avg', 'min', 'max', 'med', 'p'],
  rate: ['rate'],
  counter: ['count', 'rate'],
  gauge: ['value'],
};

/** Every threshold that cannot be judged, before anything runs. Paths as in the file. */
export function thresholdProblems(settings: readonly ThresholdSetting[]): Problem[] {
  const place = new Map<string, number>();
  return settings.flatMap(({ metric, expression }) => {
    const index = place.get(metric) ?? 0;
    place.set(metric, index + 1);
    return problemsWith(metric, expression).map((problem) => ({ path: `thresholds.${metric}[${index}]`, ...problem }));
  });
}

function problemsWith(metric: string, expression: string): Omit<Problem, 'path'>[] {
  const selector = parseSelector(metric);
  const names = Object.keys(METRICS);
  if (!selector || !names.includes(selector.metric)) {
    return [{ message: `there is no metric ${metric}; there are ${names.join(', ')}`, ...meantName(metric, names) }];
  }
  const definition = METRICS[selector.metric]!;
  const known = Object.keys(TAGS[definition.of]);
  const strange = Object.keys(selector.tags).filter((tag) => !known.includes(tag));
  if (strange.length > 0) {
    const allowed = known.length === 0 ? 'no tags' : `the tags ${known.join(', ')}`;
    return [{ message: `${selector.metric} takes ${allowed}, not ${strange.join(', ')}` }];
  }
  const parsed = parseExpression(expression);
  if (!parsed) return [{ message: `cannot read "${expression}"`, hint: GRAMMAR }];
  const unfit = aggregationProblems(selector.metric, definition.type, parsed);
  return unfit.length > 0 ? unfit : boundProblems(selector.metric, parsed);
}

function aggregationProblems(
  metric: string,
  type: Metric['type'],
  { aggregation }: ThresholdExpression,
): Omit<Problem, 'path'>[] {
  if (AGGREGATIONS[type].includes(aggregation.name)) return [];
  const allowed = AGGREGATIONS[type].map((name) => (name === 'p' ? 'p(N)' : name)).join(', ');
  return [{ message: `${metric} is a ${type}: it has ${allowed}, not ${aggregation.name}` }];
}

function boundProblems(metric: string, { bound }: ThresholdExpression): Omit<Problem, 'path'>[] {
  const definition = METRICS[metric]!;
  const isDuration = definition.type === 'trend' && definition.unit === 'us';
  if (bound.kind === 'duration' && !isDuration) return [{ message: `${metric} is no duration` }];
  if (bound.kind === 'share' && definition.type !== 'rate') return [{ message: `${metric} is no share of anything` }];
  return [];
}

/** Judges thresholds that `thresholdProblems` has passed. One without samples fails: silence is no success. */
export function evaluateThresholds(run: Run, settings: readonly ThresholdSetting[]): ThresholdResult[] {
  return settings.map(({ metric, expression }) => {
    const selector = parseSelector(metric) as MetricSelector;
    const { aggregation, operator, bound } = parseExpression(expression) as ThresholdExpression;
    const computed = computeMetric(run, selector.metric, selector.tags);
    const { value, samples } = aggregate(computed, aggregation);
    // As in k6, a bare number against a duration is milliseconds.
    const inMs = bound.kind === 'number' && computed.type === 'trend' && computed.unit === 'us';
    const ok = value !== null && holds(value, operator, inMs ? bound.value * 1000 : bound.value);
    return { metric, expression, ok, observed: value, samples };
  });
}

function aggregate(metric: Metric, aggregation: Aggregation): { value: number | null; samples: number } {
  switch (metric.type) {
    case 'trend': {
      const samples = metric.sorted.length;
      return { value: samples === 0 ? null : aggregateTrend(metric.sorted, aggregation), samples };
    }
    case 'rate':
      return { value: metric.samples === 0 ? null : metric.hits / metric.samples, samples: metric.samples };
    case 'counter':
      // A counter that counted nothing has counted: 0 is its value.
      return {
        value: aggregation.name === 'count' ? metric.count : metric.perSecond,
        samples: Math.max(1, metric.count),
      };
    case 'gauge':
      return { value: metric.value, samples: metric.samples };
  }
}

function aggregateTrend(sorted: readonly number[], aggregation: Aggregation): number {
  switch (aggregation.name) {
    case 'avg':
      return mean(sorted);
    case 'min':
      return sorted[0]!;
    case 'max':
      return sorted.at(-1)!;
    case 'med':
      return percentile(sorted, 50);
    case 'p':
      return percentile(sorted, aggregation.percent);
    default:
      throw new Error(`a trend has no ${aggregation.name}`);
  }
}
