import type { Metric } from '../../analysis/metrics/metrics.ts';
import { mean, percentile } from '../../analysis/statistics/percentile.ts';
import { formatMetric, percent, round } from '../format.ts';

/** Figures of a trend that are left out, in this order, where a line would be too long. */
const LEFT_OUT_FIRST = ['p(90)', 'min', 'med'];

/** Returns metrics as dotted lines in the style of k6, with aligned columns, of at most `width` where that is possible. */
export function metricLines(metrics: readonly Metric[], width: number): string[] {
  const tries = LEFT_OUT_FIRST.map((_, index) => linesWithout(metrics, LEFT_OUT_FIRST.slice(0, index)));
  return tries.find((lines) => lines.every(({ length }) => length <= width)) ?? linesWithout(metrics, LEFT_OUT_FIRST);
}

function linesWithout(metrics: readonly Metric[], leftOut: readonly string[]): string[] {
  const longest = Math.max(0, ...metrics.map(({ name }) => name.length));
  const trends = trendColumns(metrics, leftOut);
  return metrics.map((metric) => {
    const leader = `    ${metric.name}${'.'.repeat(longest - metric.name.length + 3)}: `;
    return leader + (metric.type === 'trend' ? trends.get(metric.name)! : formatValue(metric));
  });
}

function formatValue(metric: Exclude<Metric, { type: 'trend' }>): string {
  switch (metric.type) {
    case 'rate':
      return `${metric.samples === 0 ? 'no data' : percent(metric.hits / metric.samples)}  ${metric.hits} of ${metric.samples}`;
    case 'counter':
      return `${metric.count}  ${round(metric.perSecond)}/s`;
    case 'gauge':
      return metric.value === null ? 'no data' : `${round(metric.value)}${metric.unit === 'per-second' ? '/s' : ''}`;
  }
}

/** Returns the figures of each trend, padded into columns. */
function trendColumns(metrics: readonly Metric[], leftOut: readonly string[]): Map<string, string> {
  const rows = metrics.flatMap((metric) =>
    metric.type === 'trend' ? [{ name: metric.name, cells: cellsOf(metric, leftOut) }] : [],
  );
  const widths = [0, 1, 2, 3, 4, 5].map((column) =>
    Math.max(0, ...rows.map(({ cells }) => cells[column]?.length ?? 0)),
  );
  return new Map(
    rows.map(({ name, cells }) => [
      name,
      cells
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join(' ')
        .trimEnd(),
    ]),
  );
}

function cellsOf({ sorted, unit }: Extract<Metric, { type: 'trend' }>, leftOut: readonly string[]): string[] {
  if (sorted.length === 0) return ['no data'];
  const show = unit === 'us' ? formatMetric : round;
  const figures = [
    ['avg', mean(sorted)],
    ['min', sorted[0]!],
    ['med', percentile(sorted, 50)],
    ['max', sorted.at(-1)!],
    ['p(90)', percentile(sorted, 90)],
    ['p(95)', percentile(sorted, 95)],
  ] as const;
  return figures.filter(([name]) => !leftOut.includes(name)).map(([name, value]) => `${name}=${show(value)}`);
}
