import type { Analysis } from '../../analysis/analysis.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import { backoffChart } from './backoff-chart.ts';
import { bucketChart } from './bucket-chart.ts';
import { type ChartMaker, type ChartNeed, type ChartSpec, chart } from './chart-spec.ts';
import { latencyChart } from './latency-chart.ts';
import { loadChart } from './load-chart.ts';
import { timelineChart } from './timeline-chart.ts';

/** Every chart of a run, most important first. */
export const CHARTS: readonly ChartMaker[] = [loadChart, latencyChart, backoffChart, bucketChart, timelineChart];

/** The charts of a run, and for each that would show nothing a sentence in its place. */
export interface RunCharts {
  readonly specs: readonly ChartSpec[];
  readonly leftOut: readonly { readonly file: string; readonly sentence: string }[];
}

/** Returns the charts that the data of a run allows. */
export function chartsOf(run: Run, analysis: Analysis): RunCharts {
  const drawn = CHARTS.filter(({ needs }) => needs.every((need) => isMet(need, run, analysis))).map(
    ({ file, draw }) => ({
      file,
      content: draw(run, analysis),
    }),
  );
  return {
    specs: drawn.flatMap(({ file, content }) => ('leftOut' in content ? [] : [chart({ file, ...content })])),
    leftOut: drawn.flatMap(({ file, content }) => ('leftOut' in content ? [{ file, sentence: content.leftOut }] : [])),
  };
}

function isMet(need: ChartNeed, { seconds }: Run, { missing }: Analysis): boolean {
  if (need === 'records') return seconds.length === 0;
  if (need === 'seconds') return seconds.length > 0;
  return !missing.some(({ fact }) => fact === need);
}
