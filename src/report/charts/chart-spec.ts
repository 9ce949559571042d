import type { ChartConfiguration } from 'chart.js';
import type { Analysis } from '../../analysis/analysis.ts';
import type { Run } from '../../analysis/run/run-view.ts';

/** A chart as plain data. `config` holds no functions, so it can be drawn here or embedded in a page. */
export interface ChartSpec {
  readonly file: string;
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly config: ChartConfiguration;
}

/** One mark: x mostly in seconds. NaN breaks a line. */
export interface Point {
  readonly x: number;
  readonly y: number | string;
}

/** The palette of Okabe and Ito, which people with colour vision deficiency can distinguish. */
export const COLOURS = {
  admitted: '#009E73',
  rejected: '#D55E00',
  offered: '#0072B2',
  call: '#0072B2',
  failed: '#CC79A7',
  requested: '#E69F00',
  limit: '#000000',
  quiet: '#BBBBBB',
} as const;

const WIDTH = 1200;
const HEIGHT = 600;

/** The variable parts of a chart. Scales and datasets are Chart.js options. */
export interface ChartContent {
  readonly title: string;
  readonly subtitle?: string;
  readonly x: object;
  readonly y: object;
  /** A second scale for datasets whose `yAxisID` is `right`. */
  readonly right?: object;
  readonly datasets: readonly object[];
  readonly height?: number;
}

/** Data that a chart requires: individual records, counts per second, limits, or the times at which replies ended. */
export type ChartNeed = 'records' | 'seconds' | 'limits' | 'durations';

/** One chart of a run. */
export interface ChartMaker {
  readonly file: string;
  readonly needs: readonly ChartNeed[];
  draw(run: Run, analysis: Analysis): ChartContent;
}

/** Returns a line or scatter chart in the common style. */
export function chart({
  file,
  title,
  subtitle,
  x,
  y,
  right,
  datasets,
  height = HEIGHT,
}: ChartContent & { readonly file: string }): ChartSpec {
  const config = {
    type: 'scatter',
    data: { datasets },
    options: {
      animation: false,
      responsive: false,
      layout: { padding: { top: 8, right: 24, bottom: 8, left: 8 } },
      scales: { x: styled(x), y: styled(y), ...(right && { right: rightScale(right) }) },
      plugins: {
        title: { display: true, text: title, align: 'start', color: '#111111', font: { size: 22, weight: 'bold' } },
        subtitle: {
          display: subtitle !== undefined,
          text: subtitle ?? '',
          align: 'start',
          color: '#444444',
          font: { size: 16 },
          padding: { bottom: 12 },
        },
        legend: {
          position: 'bottom',
          labels: { usePointStyle: true, boxHeight: 9, padding: 20, color: '#222222', font: { size: 15 } },
        },
      },
    },
  } as unknown as ChartConfiguration;
  return { file, title, width: WIDTH, height, config };
}

/** The right scale has no grid: it would cross the grid of the left one. */
function rightScale(scale: object): object {
  return { ...styled(scale), position: 'right', grid: { drawOnChartArea: false } };
}

function styled(scale: object): object {
  const { title, ticks, ...rest } = scale as { title: string; ticks?: object };
  return {
    ...rest,
    title: { display: true, text: title, color: '#222222', font: { size: 15 } },
    ticks: { color: '#222222', font: { size: 14 }, ...ticks },
    grid: { color: '#E8E8E8' },
  };
}

/** Returns a dataset drawn as a line without marks. */
export function line(label: string, data: readonly Point[], colour: string, extra: object = {}): object {
  return {
    label,
    data,
    showLine: true,
    pointRadius: 0,
    pointStyle: 'line',
    borderColor: colour,
    backgroundColor: colour,
    borderWidth: 2.5,
    ...extra,
  };
}

/** Returns a dataset drawn as marks without a line. */
export function marks(label: string, data: readonly Point[], colour: string, extra: object = {}): object {
  return {
    label,
    data,
    pointRadius: 3.5,
    pointStyle: 'circle',
    borderColor: colour,
    backgroundColor: colour,
    borderWidth: 1.5,
    ...extra,
  };
}

/** Returns the dashed line of a limit, from `fromX` to `toX`. */
export function limitLine(label: string, y: number, fromX: number, toX: number): object {
  const data = [
    { x: fromX, y },
    { x: toX, y },
  ];
  return line(label, data, COLOURS.limit, { borderDash: [10, 6], borderWidth: 2 });
}

/** Formats a number with two or three significant digits, for titles. */
export function short(value: number): string {
  if (value === 0 || Math.abs(value) >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(value < 10 ? 2 : 3)));
}
