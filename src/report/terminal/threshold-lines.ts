import { metricUnit } from '../../analysis/metrics/metrics.ts';
import type { ThresholdResult } from '../../analysis/metrics/thresholds.ts';
import { counted, formatMetric, percent, round } from '../format.ts';
import type { Paint } from './paint.ts';

/** Returns each metric, then a line per expression with the observed value. */
export function thresholdLines(thresholds: readonly ThresholdResult[], paint: Paint): string[] {
  return [...Map.groupBy(thresholds, ({ metric }) => metric)].flatMap(([metric, results]) => [
    `    ${metric}`,
    ...results.map((result) => {
      const mark = result.ok ? paint.good('✓') : paint.bad('✗');
      return `    ${mark} '${result.expression}' ${formatObserved(result)} ${paint.quiet(`(${formatSamples(result)})`)}`;
    }),
  ]);
}

/** Formats the observed value in the unit of its metric. */
export function formatObserved({ metric, observed }: ThresholdResult): string {
  if (observed === null) return 'no data';
  const unit = metricUnit(metric);
  return unit === 'share' ? percent(observed) : unit === 'us' ? formatMetric(observed) : round(observed);
}

export function formatSamples({ samples }: ThresholdResult): string {
  return counted(samples, 'sample');
}
