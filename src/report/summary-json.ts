import type { Analysis } from '../analysis/analysis.ts';
import type { Metric } from '../analysis/metrics/metrics.ts';
import type { Run } from '../analysis/run/run-view.ts';
import { mean, percentile } from '../analysis/statistics/percentile.ts';
import { extractConditions } from '../comparison/conditions.ts';
import { readFigures } from '../comparison/measurement.ts';

/** Format version of the summary, see `schema/summary.schema.json`. */
const SUMMARY_VERSION = 1;

/**
 * Returns the result of a run as JSON, modelled on the machine-readable summary of k6. Durations are in milliseconds, except
 * keys ending in `Us`. Two equal runs give equal summaries except for `generated`.
 */
export function summaryJson(run: Run, analysis: Analysis): object {
  const { header } = run;
  const { attribution, coarseTime } = analysis;
  return {
    $schema: 'urn:quotalab:schema:summary:1',
    version: SUMMARY_VERSION,
    tool: header.tool,
    seed: header.seed,
    time: header.time,
    durationMs: run.endUs / 1000,
    partial: run.stopped ?? null,
    ...(coarseTime && { coarseTime }),
    scenario: header.scenario.name,
    limits: analysis.limits,
    ...(analysis.keys.length > 0 && { keys: analysis.keys }),
    ...(analysis.gateway && { gateway: analysis.gateway }),
    ...(analysis.loads.length > 0 && { loads: analysis.loads }),
    unattributedAttempts: analysis.unattributed,
    attribution: { ...attribution.confidence, joinedBy: attribution.joinedBy },
    ...(header.recorded && { recorded: { ...header.recorded, joinedBy: attribution.joinedBy } }),
    ...(header.program && { program: { ...header.program, exitCode: run.exitCode ?? null } }),
    verdicts: analysis.verdicts,
    thresholds: analysis.thresholds,
    metrics: analysis.metrics.map(metricJson),
    figures: readFigures(analysis),
    conditions: extractConditions(header),
    generated: header.generated,
  };
}

function metricJson(metric: Metric): object {
  const { name, type } = metric;
  switch (metric.type) {
    case 'trend':
      return { name, type, contains: metric.unit === 'us' ? 'time' : 'count', values: trendValues(metric) };
    case 'rate': {
      const { hits, samples } = metric;
      return { name, type, contains: 'share', values: { rate: samples === 0 ? null : hits / samples, hits, samples } };
    }
    case 'counter':
      return { name, type, contains: 'count', values: { count: metric.count, rate: metric.perSecond } };
    case 'gauge':
      return { name, type, contains: metric.unit, values: { value: metric.value } };
  }
}

function trendValues({ sorted, unit }: Extract<Metric, { type: 'trend' }>): object {
  const scale = unit === 'us' ? 1000 : 1;
  const of = (value: number | undefined): number | null =>
    value === undefined || Number.isNaN(value) ? null : value / scale;
  return {
    samples: sorted.length,
    avg: of(mean(sorted)),
    min: of(sorted[0]),
    med: of(percentile(sorted, 50)),
    max: of(sorted.at(-1)),
    ...Object.fromEntries([90, 95, 99].map((percent) => [`p(${percent})`, of(percentile(sorted, percent))])),
  };
}
