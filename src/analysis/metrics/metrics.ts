import { attributionGap } from '../judging/attribution-gap.ts';
import { missingIn } from '../judging/recorded-facts.ts';
import type { Run } from '../run/run-view.ts';
import { type Selection, select } from '../run/selection.ts';
import { expandCounts, mergeCounts } from '../statistics/counts.ts';
import { ascending } from '../statistics/percentile.ts';
import { ATTEMPT_METRICS } from './attempt-metrics.ts';
import { CALL_METRICS } from './call-metrics.ts';
import { sumCounts } from './counted-groups.ts';
import type { MetricDefinition } from './metric-definition.ts';

/** Unit of a metric or figure: `us` is microseconds, `share` is between 0 and 1. */
export type MetricUnit = 'us' | 'share' | 'count' | 'per-second' | 'ratio';

/** A computed metric. Its type decides its aggregations, as in k6. Durations in microseconds, rates from 0 to 1. */
export type Metric =
  | {
      readonly name: MetricName;
      readonly type: 'trend';
      readonly unit: 'us' | 'count';
      /** Samples in ascending order. */
      readonly sorted: readonly number[];
    }
  | { readonly name: MetricName; readonly type: 'rate'; readonly hits: number; readonly samples: number }
  | { readonly name: MetricName; readonly type: 'counter'; readonly count: number; readonly perSecond: number }
  | {
      readonly name: MetricName;
      readonly type: 'gauge';
      readonly unit: 'per-second' | 'ratio';
      readonly value: number | null;
      readonly samples: number;
    };

/** Every metric, in the order of reports. */
export const METRICS = { ...CALL_METRICS, ...ATTEMPT_METRICS };

export type MetricName = keyof typeof METRICS;

export const METRIC_NAMES = Object.keys(METRICS) as readonly MetricName[];

/** Returns whether a metric with this name exists. */
export function isMetricName(name: string): name is MetricName {
  return Object.hasOwn(METRICS, name);
}

/** Returns the unit of a metric's values; the tags of a selector such as `call_duration{result:ok}` are ignored. */
export function metricUnit(selector: string): MetricUnit {
  const name = selector.replace(/\{.*/s, '');
  if (!isMetricName(name)) throw new Error(`unknown metric ${name}`);
  const definition: MetricDefinition = METRICS[name];
  return definition.type === 'rate' ? 'share' : definition.type === 'counter' ? 'count' : definition.unit;
}

/** Computes every metric of a run. Recorded runs and runs of a program lack the metrics whose facts are unknown. */
export function computeMetrics(run: Run): Metric[] {
  return METRIC_NAMES.filter((name) => isComputable(run, name)).map((name) => computeMetric(run, name, {}));
}

function isComputable(run: Run, name: MetricName): boolean {
  const { recorded, program } = run.header;
  if (!recorded && !program) return true;
  const { needs, of }: MetricDefinition = METRICS[name];
  if (needs === 'runner' || (needs !== undefined && missingIn(run).includes(needs))) return false;
  return of !== 'calls' || attributionGap(run) === undefined;
}

/** Computes one metric over the part of a run selected by `tags`. */
export function computeMetric(run: Run, name: MetricName, tags: Readonly<Record<string, string>>): Metric {
  const definition: MetricDefinition = METRICS[name];
  const selection = select(run, definition.of, tags);
  const { counted } = selection;
  switch (definition.type) {
    case 'trend': {
      const samples = definition.samples(selection);
      for (const sample of expandCounts(mergeCounts(definition.counted?.(counted) ?? []))) samples.push(sample);
      return { name, type: 'trend', unit: definition.unit, sorted: ascending(samples) };
    }
    case 'rate': {
      const { hits } = countRate(definition, selection);
      const of = definition.hitTags?.some((tag) => tags[tag] !== undefined)
        ? select(run, definition.of, omitTags(tags, definition.hitTags))
        : selection;
      return { name, type: 'rate', hits, samples: countRate(definition, of).samples };
    }
    case 'counter': {
      const count = definition.count(selection) + (definition.counted?.(counted) ?? 0);
      return { name, type: 'counter', count, perSecond: run.endUs === 0 ? 0 : count / (run.endUs / 1e6) };
    }
    case 'gauge': {
      const [single, divisor] = definition.value(selection);
      const isEmpty = divisor === 0;
      const value = isEmpty ? null : (single + (definition.counted?.(counted) ?? 0)) / divisor;
      const samples = isEmpty ? 0 : selection.calls.length + sumCounts(counted.calls);
      return { name, type: 'gauge', unit: definition.unit, value, samples };
    }
  }
}

function countRate(
  { samples, counted }: Extract<MetricDefinition, { type: 'rate' }>,
  selection: Selection,
): { readonly hits: number; readonly samples: number } {
  const single = samples(selection);
  const [hits, more] = counted?.(selection.counted) ?? [0, 0];
  return { hits: single.filter(Boolean).length + hits, samples: single.length + more };
}

function omitTags(tags: Readonly<Record<string, string>>, omitted: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).filter(([tag]) => !omitted.includes(tag)));
}
