import type { ChartConfiguration } from 'chart.js';
import type { ChartSpec } from '../../report/charts/chart-spec.ts';
import { DARK, LIGHT } from '../../report/charts/palette.ts';
import { toConfig } from '../../report/charts/plugins/to-config.ts';
import type { Theme } from './theme.ts';

export const PALETTES = { light: LIGHT, dark: DARK } as const;

/** Letters of a PNG are read at half its size; those of a page at theirs. */
const FONT_SHARE = 0.82;

/** Returns a chart's definition for the page: it fills its box, and the page shows title, subtitle and legend itself. */
export function pageConfig(spec: ChartSpec, theme: Theme): ChartConfiguration {
  const { options = {}, ...config } = toConfig(spec, PALETTES[theme]);
  const { plugins, scales, ...others } = withSmallerFonts(options) as typeof options;
  return {
    ...config,
    options: {
      ...others,
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      scales: scales!,
      plugins: { ...plugins, title: { display: false }, subtitle: { display: false }, legend: { display: false } },
    },
  };
}

function withSmallerFonts(value: unknown, name = ''): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([key, item]): [string, unknown] =>
    name === 'font' && key === 'size' && typeof item === 'number'
      ? [key, Math.round(item * FONT_SHARE)]
      : [key, withSmallerFonts(item, key)],
  );
  return Object.fromEntries(entries);
}
