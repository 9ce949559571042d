import { type Problem, QuotaLabError } from '../../../mock-server/error.ts';
import type { ThresholdSetting } from '../../scenario/scenario.ts';
import { unknownName } from '../../scenario/suggest-name.ts';
import type { Run } from '../run/run-view.ts';
import { TAGS } from '../run/selection.ts';
import { mean, percentile } from '../statistics/percentile.ts';
import {
  computeMetric,
  isMetricName,
  METRIC_NAMES,
  METRICS,
  type Metric,
  type MetricName,
  metricUnit,
} from './metrics.ts';
import {
  type Aggregation,
  compareWithBound,
  GRAMMAR,
  type MetricSelector,
  parseExpression,
  parseSelector,
  type ThresholdExpression,
} from './threshold-expression.ts';

/** The result of one threshold. `ok` is also false without samples. */
export interface ThresholdResult {
  readonly metric: string;
  readonly expression: string;
  readonly ok: boolean;
  /** Observed value in the metric's unit (microseconds, share, count); null without samples. */
  readonly observed: number | null;
  readonly samples: number;
}

/** Aggregations of each metric type, as in k6. */
const AGGREGATIONS: Readonly<Record<Metric['type'], readonly Aggregation['name'][]>> = {
  trend: ['avg', 'min', 'max', 'med', 'p'],
  rate: ['rate'],
  counter: ['count', 'rate'],
  gauge: ['value'],
};

/** Returns the problems of thresholds that cannot be evaluated. Paths as in the scenario file. */
export function findThresholdProblems(settings: readonly ThresholdSetting[]): Problem[] {
  const positions = new Map<string, number>();
  return settings.flatMap(({ metric, expression }) => {
    const index = positions.get(metric) ?? 0;
    positions.set(metric, index + 1);
    return checkThreshold(metric, expression).map((problem) => ({
      path: `thresholds.${metric}[${index}]`,
      ...problem,
    }));
  });
}

function checkThreshold(metric: string, expression: string): Omit<Problem, 'path'>[] {
  const selector = parseSelector(metric);
  if (!selector || !isMetricName(selector.metric)) {
    return [unknownName(`unknown metric ${metric}`, metric, { allowed: METRIC_NAMES, list: 'metrics are' })];
  }
  const definition = METRICS[selector.metric];
  const known = Object.keys(TAGS[definition.of]);
  const unknown = Object.keys(selector.tags).filter((tag) => !known.includes(tag));
  if (unknown.length > 0) {
    const allowed = known.length === 0 ? 'it has no tags' : `its tags are ${known.join(', ')}`;
    return [{ message: `${selector.metric} does not have the tag ${unknown.join(', ')}; ${allowed}` }];
  }
  const parsed = parseExpression(expression);
  if (!parsed) return [{ message: `cannot read "${expression}"`, hint: GRAMMAR }];
  const problems = checkAggregation(selector.metric, definition.type, parsed);
  return problems.length > 0 ? problems : checkBound(selector.metric, parsed);
}

function checkAggregation(
  metric: string,
  type: Metric['type'],
  { aggregation }: ThresholdExpression,
): Omit<Problem, 'path'>[] {
  if (AGGREGATIONS[type].includes(aggregation.name)) return [];
  const allowed = AGGREGATIONS[type].map((name) => (name === 'p' ? 'p(N)' : name)).join(', ');
  return [{ message: `${metric} is a ${type}: use ${allowed}, not ${aggregation.name}` }];
}

function checkBound(metric: MetricName, { bound }: ThresholdExpression): Omit<Problem, 'path'>[] {
  const unit = metricUnit(metric);
  if (bound.kind === 'duration' && unit !== 'us') return [{ message: `${metric} is not a duration` }];
  if (bound.kind === 'share' && unit !== 'share') return [{ message: `${metric} is not a share` }];
  return [];
}

/**
 * Evaluates thresholds. One without samples fails, since missing evidence is not success. Throws `journal/damaged` for those of
 * an edited journal; those of a scenario are checked before it runs.
 */
export function evaluateThresholds(run: Run, settings: readonly ThresholdSetting[]): ThresholdResult[] {
  const problems = findThresholdProblems(settings);
  if (problems.length > 0) {
    throw new QuotaLabError('journal/damaged', 'the header of the journal has invalid thresholds', { problems });
  }
  return settings.map(({ metric, expression }) => {
    const selector = parseSelector(metric) as MetricSelector & { readonly metric: MetricName };
    const { aggregation, operator, bound } = parseExpression(expression) as ThresholdExpression;
    const computed = computeMetric(run, selector.metric, selector.tags);
    const { value, samples } = aggregate(computed, aggregation);
    // As in k6, a bare number against a duration is milliseconds.
    const inMs = bound.kind === 'number' && computed.type === 'trend' && computed.unit === 'us';
    const ok = value !== null && compareWithBound(value, operator, inMs ? bound.value * 1000 : bound.value);
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
      // A count of 0 is a sample.
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
