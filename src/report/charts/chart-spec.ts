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

const WIDTH = 1200;
const HEIGHT = 600;
/** Characters of a title or subtitle that fit into one line. */
const TITLE_COLUMNS = 76;
const SUBTITLE_COLUMNS = 120;

/**
 * The variable parts of a chart. Scales, datasets and annotations are options of Chart.js and its plug-in, as plain data: colours
 * by name (`palette.ts`), formats of axes by name (`plugins/axis-formats.ts`), labels at line ends as `endLabel` of a dataset.
 */
export interface ChartContent {
  /** The answer that the chart gives, in one sentence. */
  readonly title: string;
  readonly subtitle?: string;
  readonly x: object;
  readonly y: object;
  /** Further vertical scales by id, for datasets whose `yAxisID` names them. */
  readonly axes?: Readonly<Record<string, object>>;
  readonly datasets: readonly object[];
  readonly annotations?: readonly object[];
  readonly height?: number;
}

/** A chart that would show nothing, and the sentence that says what it would have shown. */
export interface LeftOut {
  readonly leftOut: string;
}

/** Data that a chart requires: individual records, counts per second, limits, or the times at which replies ended. */
export type ChartNeed = 'records' | 'seconds' | 'limits' | 'durations';

/** One chart of a run. */
export interface ChartMaker {
  readonly file: string;
  readonly needs: readonly ChartNeed[];
  draw(run: Run, analysis: Analysis): ChartContent | LeftOut;
}

/** Returns a chart in the common style. */
export function chart(content: ChartContent & { readonly file: string }): ChartSpec {
  const { file, title, subtitle, x, y, axes = {}, datasets, annotations = [], height = HEIGHT } = content;
  const scales = Object.entries({ x, y, ...axes }).map(([id, scale]) => [id, styled(scale)] as const);
  const config = {
    type: 'scatter',
    data: { datasets },
    options: {
      animation: false,
      responsive: false,
      layout: { padding: { top: 10, right: 28, bottom: 8, left: 10 } },
      scales: Object.fromEntries(scales),
      plugins: {
        title: headingOf(title, TITLE_COLUMNS, { color: '@ink', font: { size: 23, weight: 'bold' } }),
        subtitle: {
          ...headingOf(subtitle ?? '', SUBTITLE_COLUMNS, { color: '@soft', font: { size: 16 } }),
          display: subtitle !== undefined,
          padding: { bottom: 14 },
        },
        legend: {
          display: datasets.some(isInLegend),
          position: 'bottom',
          labels: {
            usePointStyle: true,
            // Room for dashes; wide marks would be ellipses.
            ...(datasets.some(isDashed) && { pointStyleWidth: 36 }),
            boxHeight: 9,
            padding: 22,
            color: '@text',
            font: { size: 15 },
          },
        },
        // Its default colours would replace those of cells.
        colors: { enabled: false },
        annotation: { clip: true, animations: false, annotations },
      },
    },
  } as unknown as ChartConfiguration;
  return { file, title, width: WIDTH, height, config };
}

/** Whether a dataset stands in the legend: one with a label at the end of its line needs no other. */
export function isInLegend(dataset: object): boolean {
  const { label, endLabel } = dataset as { label?: string; endLabel?: string };
  return label !== undefined && endLabel === undefined;
}

function isDashed(dataset: object): boolean {
  return isInLegend(dataset) && 'borderDash' in dataset;
}

function headingOf(text: string, columns: number, style: object): object {
  return { display: true, text: linesOf(text, columns), align: 'start', ...style };
}

/** A space that is not between a number and its unit. */
const BREAKS = / (?!(?:µs|ms|s|min|h|d|%)(?:\W|$))/;

/** Breaks a text into lines of at most `columns` characters. */
function linesOf(text: string, columns: number): string[] {
  const lines = [''];
  for (const word of text.split(BREAKS)) {
    const last = lines.at(-1)!;
    if (last !== '' && last.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}

function styled(scale: object): object {
  const { title, ticks, grid, ...rest } = scale as { title?: string; ticks?: object; grid?: object };
  return {
    ...rest,
    title: { display: title !== undefined, text: title ?? '', color: '@text', font: { size: 15 } },
    // A tick at an end that is not round would stand beside a round one.
    ticks: { color: '@text', font: { size: 15 }, includeBounds: false, ...ticks },
    grid: { color: '@grid', ...grid },
    border: { color: '@grid' },
  };
}

/** The horizontal axis of a run: time since its start. */
export function elapsedAxis(endUs: number, fromS = 0): object {
  return {
    type: 'linear',
    format: 'elapsed',
    title: 'time since start',
    min: fromS,
    max: Math.max(0.001, endUs / 1e6),
    // Bars would make it begin before zero.
    offset: false,
    grid: { offset: false },
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

/** Returns a line that is named beside its end. */
export function namedLine(name: string, data: readonly Point[], colour: string, extra: object = {}): object {
  return line(name.replace('\n', ' '), data, colour, { endLabel: name, ...extra });
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
  return namedLine(label, data, '@limit', { borderDash: [10, 6], borderWidth: 2 });
}

/** The style of a text that stands in the drawing. */
export function labelStyle(content: string | readonly string[]): object {
  return {
    display: true,
    content,
    color: '@text',
    backgroundColor: '@paper 75%',
    borderWidth: 0,
    borderRadius: 3,
    padding: 4,
    font: { size: 14, weight: 'normal' },
  };
}
