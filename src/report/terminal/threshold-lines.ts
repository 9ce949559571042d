import { METRICS } from '../../analysis/metrics/metrics.ts';
import type { ThresholdResult } from '../../analysis/metrics/thresholds.ts';
import { formatMetric, percent, round } from '../format.ts';
import type { Paint } from './paint.ts';

/** Each metric, then a line for each expression with what was observed. */
export function thresholdLines(thresholds: readonly ThresholdResult[], paint: Paint): string[] {
  return [...Map.groupBy(thresholds, ({ metric }) => metric)].flatMap(([metric, results]) => [
    `    ${metric}`,
    ...results.map((result) => {
      const mark = result.ok ? paint.good('✓') : paint.bad('✗');
      return `    ${mark} '${result.expression}' ${observedIn(result)} ${paint.quiet(`(${samplesIn(result)})`)}`;
    }),
  ]);
}

/** The observed value in the unit that its metric has. */
export function observedIn({ metric, observed }: ThresholdResult): string {
  if (observed === null) return 'no data';
  const definition = METRICS[metric.replace(/\{.*/s, '')];
  if (definition?.type === 'rate') return percent(observed);
  return definition?.type === 'trend' && definition.unit === 'us' ? formatMetric(observed) : round(observed);
}

export function samplesIn({ samples }: ThresholdResult): string {
  return `${samples} ${samples === 1 ? 'sample' : 'samples'}`;
}
