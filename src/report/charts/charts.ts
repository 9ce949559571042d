import type { Run } from '../../analysis/run/run-view.ts';
import { backoffChart } from './backoff-chart.ts';
import { bucketChart } from './bucket-chart.ts';
import { bucketBySecond, latencyBySecond } from './by-second-charts.ts';
import type { ChartSpec } from './chart-spec.ts';
import { latencyChart } from './latency-chart.ts';
import { loadChart } from './load-chart.ts';
import { timelineChart } from './timeline-chart.ts';

/**
 * Returns the charts of a run, most important first. Recorded traffic and runs that were counted per second get only the
 * charts that their data allows.
 */
export function chartsOf(run: Run): ChartSpec[] {
  const { recorded } = run.header;
  if (run.seconds.length > 0) return [loadChart(run), latencyBySecond(run), bucketBySecond(run)];
  const charts = [loadChart, latencyChart, backoffChart, bucketChart, timelineChart].filter(
    (chart) =>
      !(recorded && chart === bucketChart) && !(recorded?.missing.includes('durations') && chart === latencyChart),
  );
  return charts.map((draw) => draw(run));
}
