import type { ChartConfiguration, ChartData, LegendItem, Scale, TooltipItem } from 'chart.js';
import { type ChartSpec, isInLegend } from '../chart-spec.ts';
import { type Palette, paint } from '../palette.ts';
import { AXIS_FORMATS } from './axis-formats.ts';

interface NamedScale {
  readonly type: string;
  readonly format?: string;
  readonly ticks?: object;
}

/**
 * Returns the Chart.js configuration of a spec: colours of `palette` in place of their names, and functions in place of the
 * names of axis formats. The spec stays as it is. The plug-ins of `registerCharts` draw the rest.
 */
export function toConfig({ config }: ChartSpec, palette: Palette): ChartConfiguration {
  const painted = paint(config, palette) as ChartConfiguration;
  const options = painted.options as { scales: Record<string, NamedScale>; plugins: { legend: { labels: object } } };
  const scales = Object.fromEntries(Object.entries(options.scales).map(([id, scale]) => [id, withFormat(scale)]));
  const { legend, ...plugins } = options.plugins;
  const tooltip = { callbacks: { title: tooltipTitle, label: tooltipLabel } };
  return {
    ...painted,
    options: { ...options, palette, scales, plugins: { ...plugins, legend: withFilter(legend), tooltip } },
  } as unknown as ChartConfiguration;
}

/** A dataset with a label at the end of its line, or without any, is not in the legend. */
function withFilter({ labels, ...legend }: { readonly labels: object }): object {
  const filter = ({ datasetIndex }: LegendItem, { datasets }: ChartData): boolean =>
    isInLegend(datasets[datasetIndex!]!);
  return { ...legend, labels: { ...labels, filter } };
}

function withFormat(scale: NamedScale): object {
  const format = AXIS_FORMATS[scale.format ?? ''];
  if (!format) return scale;
  return {
    ...scale,
    afterBuildTicks(drawn: Scale) {
      const ticks = format.ticks(drawn.min, drawn.max, scale.type as 'linear');
      if (ticks) drawn.ticks = ticks.map((value) => ({ value }));
    },
    ticks: {
      ...scale.ticks,
      autoSkip: true,
      callback(this: Scale, value: number | string) {
        return format.show(Number(value), this.max);
      },
    },
  };
}

function showOn(scale: Scale | undefined, value: unknown): string {
  const format = AXIS_FORMATS[(scale?.options as NamedScale | undefined)?.format ?? ''];
  return format && typeof value === 'number' ? format.show(value, scale!.max) : String(value);
}

function tooltipTitle(items: readonly TooltipItem<'scatter'>[]): string {
  const [item] = items;
  if (!item) return '';
  return showOn(item.chart.scales.x, (item.raw as { x?: unknown }).x);
}

/** A point's own `text` says more than its place. */
function tooltipLabel({ chart, dataset, raw }: TooltipItem<'scatter'>): string {
  const { y, own = y, text } = raw as { y?: unknown; own?: unknown; text?: string };
  if (text !== undefined) return text;
  return `${dataset.label}: ${showOn(chart.scales[dataset.yAxisID ?? 'y'], own)}`;
}
