import type { Analysis } from '../../analysis/analysis.ts';
import type { Metric, MetricName } from '../../analysis/metrics/metrics.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import { percentile } from '../../analysis/statistics/percentile.ts';
import { formatMetric, percent, round } from '../format.ts';
import { errorKinds } from './failure-lines.ts';
import { indented } from './wrap.ts';

const LABEL_WIDTH = 10;

/** Limits and kinds of errors that are shown; the rest is counted. */
const SHOWN = 3;

/** Returns what happened in a few lines without zeros: calls, attempts, each limit, and how calls failed. */
export function figureLines(run: Run, analysis: Analysis, width: number): string[] {
  const metrics = readMetrics(analysis.metrics);
  const rows: readonly (readonly [label: string, text: string])[] = [
    ['calls', callsText(metrics)],
    ['attempts', attemptsText(metrics)],
    ...limitRows(analysis),
    ...(analysis.overload ? [['load', analysis.overload.text] as const] : []),
    ...errorRows(run),
  ];
  return rows.flatMap(([label, text]) =>
    text === '' ? [] : cut(indented(text, width, 4, label.padEnd(LABEL_WIDTH)), label === 'error' ? 1 : 4),
  );
}

/** Cuts a long text; an ellipsis says so. */
function cut(lines: readonly string[], most: number): string[] {
  if (lines.length <= most) return [...lines];
  return [...lines.slice(0, most - 1), lines[most - 1]!.replace(/[\s\S]{2}$/, ' …')];
}

type Metrics = ReturnType<typeof readMetrics>;

/** Returns readers of single values; undefined for a metric that the run lacks. */
function readMetrics(metrics: readonly Metric[]) {
  const find = (name: MetricName): Metric | undefined => metrics.find((metric) => metric.name === name);
  return {
    count(name: MetricName): number | undefined {
      const metric = find(name);
      return metric?.type === 'counter' ? metric.count : undefined;
    },
    perSecond(name: MetricName): number {
      const metric = find(name);
      return metric?.type === 'counter' ? metric.perSecond : 0;
    },
    rate(name: MetricName): { readonly hits: number; readonly samples: number } | undefined {
      const metric = find(name);
      return metric?.type === 'rate' && metric.samples > 0 ? metric : undefined;
    },
    p95(name: MetricName): string | undefined {
      const metric = find(name);
      return metric?.type === 'trend' && metric.sorted.length > 0
        ? formatMetric(percentile(metric.sorted, 95))
        : undefined;
    },
    value(name: MetricName): number | undefined {
      const metric = find(name);
      return metric?.type === 'gauge' ? (metric.value ?? undefined) : undefined;
    },
  };
}

function callsText(metrics: Metrics): string {
  const calls = metrics.count('calls');
  const failed = metrics.rate('call_failed');
  if (calls === undefined || calls === 0) return '';
  const goodput = metrics.value('goodput');
  const p95 = metrics.p95('call_duration');
  const parts = [
    ...(failed
      ? [`${failed.samples - failed.hits} succeeded${goodput === undefined ? '' : ` (${round(goodput)}/s)`}`]
      : []),
    ...(failed && failed.hits > 0 ? [`${failed.hits} failed (${percent(failed.hits / failed.samples)})`] : []),
    ...counts(metrics, 'calls_unfinished', 'unfinished'),
    ...counts(metrics, 'dropped_iterations', 'dropped for lack of a VU'),
    ...(p95 === undefined ? [] : [`p(95) ${p95}`]),
  ];
  return `${calls}, ${round(metrics.perSecond('calls'))}/s: ${parts.join(', ')}`.replace(/: $/, '');
}

function attemptsText(metrics: Metrics): string {
  const attempts = metrics.count('attempts');
  if (attempts === undefined || attempts === 0) return '';
  const refused = metrics.rate('attempt_rejected');
  const broken = metrics.rate('attempt_failed');
  const amplification = metrics.value('retry_amplification');
  const parts = [
    ...(amplification === undefined ? [] : [`${round(amplification)} per call`]),
    ...(refused && refused.hits > 0
      ? [`${refused.hits} refused (${percent(refused.hits / refused.samples)})`]
      : ['none refused']),
    ...(broken && broken.hits > 0 ? [`${broken.hits} failed otherwise`] : []),
  ];
  return `${attempts}, ${round(metrics.perSecond('attempts'))}/s: ${parts.join(', ')}`;
}

function counts(metrics: Metrics, name: MetricName, words: string): string[] {
  const count = metrics.count(name) ?? 0;
  return count > 0 ? [`${count} ${words}`] : [];
}

/** Limits that refused or were used, in the order of the scenario. */
function limitRows({ limits }: Analysis): (readonly [string, string])[] {
  const used = limits.filter(({ denied, admitted }) => denied + admitted > 0);
  const rows = used.slice(0, SHOWN).map(({ limit, denied, admitted, admissible, buckets }) => {
    const parts = [
      ...(admissible ? [`${percent(admitted / admissible)} used`] : []),
      ...(denied > 0 ? [`refused ${denied}`] : []),
      ...(buckets > 1 ? [`over ${buckets} buckets`] : []),
    ];
    return ['limit', `${limit}: ${parts.join(', ')}`] as const;
  });
  const more = used.length - rows.length;
  return more > 0 ? [...rows, ['', `and ${more} more ${more === 1 ? 'limit' : 'limits'}`]] : rows;
}

function errorRows(run: Run): (readonly [string, string])[] {
  const kinds = errorKinds(run);
  return kinds
    .slice(0, SHOWN)
    .map(
      ({ title, count, message }) => ['error', `${count} × ${title}${message === '' ? '' : `: ${message}`}`] as const,
    );
}
