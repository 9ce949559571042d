import type { Analysis } from '../analysis/analysis.ts';
import { aggregate } from '../analysis/metrics/metric-values.ts';
import type { Metric } from '../analysis/metrics/metrics.ts';
import type { Run } from '../analysis/run/run-view.ts';
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
  const { attribution, coarseTime, clockStart } = analysis;
  return {
    $schema: 'urn:quotalab:schema:summary:1',
    version: SUMMARY_VERSION,
    tool: header.tool,
    seed: header.seed,
    time: header.time,
    durationMs: run.endUs / 1000,
    partial: run.stopped ?? null,
    ...(coarseTime && { coarseTime }),
    ...(clockStart && { clockStart }),
    scenario: header.scenario.name,
    limits: analysis.limits,
    ...(analysis.overload && { overload: analysis.overload }),
    ...(analysis.keys.length > 0 && { keys: analysis.keys }),
    ...(analysis.gateway && { gateway: analysis.gateway }),
    ...(analysis.loads.length > 0 && { loads: analysis.loads }),
    ...(analysis.fleet && { fleet: analysis.fleet }),
    ...(analysis.providers.length > 0 && { providers: analysis.providers }),
    unattributedAttempts: analysis.unattributed,
    attribution: { ...attribution.confidence, joinedBy: attribution.joinedBy },
    ...(header.recorded && { recorded: { ...header.recorded, joinedBy: attribution.joinedBy } }),
    ...(header.program && { program: { ...header.program, exitCode: run.exitCode ?? null } }),
    unchallenged: analysis.unchallenged,
    verdicts: analysis.verdicts,
    thresholds: analysis.thresholds,
    metrics: analysis.metrics.map(metricJson),
    figures: readFigures(analysis),
    conditions: extractConditions(header),
    generated: header.generated,
  };
}

function metricJson(metric: Metric): object {
  return { name: metric.name, type: metric.type, contains: contentOf(metric), values: aggregate(metric) };
}

function contentOf(metric: Metric): string {
  switch (metric.type) {
    case 'trend':
      return metric.unit === 'us' ? 'time' : 'count';
    case 'rate':
      return 'share';
    case 'counter':
      return 'count';
    case 'gauge':
      return metric.unit;
  }
}
