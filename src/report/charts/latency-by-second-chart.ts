import { isAnswered } from '../../analysis/run/attempts.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import { mergeCounts, percentileOfCounts } from '../../analysis/statistics/counts.ts';
import { formatMetric } from '../format.ts';
import { type ChartContent, type ChartMaker, line, type Point } from './chart-spec.ts';

type Second = Run['seconds'][number];
type Counts = Parameters<typeof mergeCounts>[0];

/** Latency of raw load per second: median and slow calls, beside answered attempts. */
export const latencyBySecondChart: ChartMaker = { file: 'latency.png', needs: ['seconds'], draw };

function draw(run: Run): ChartContent {
  const callCounts = ({ calls = [] }: Second): Counts =>
    calls.filter(({ result }) => result !== 'open').map(({ durations }) => durations);
  const admitted = ({ attempts = [] }: Second): Counts => attempts.filter(isAnswered).map(({ durations }) => durations);
  const bySecond = [...Map.groupBy(run.seconds, ({ startUs }) => Math.floor(startUs / 1e6))];
  const series = (counts: (second: Second) => Counts, percent: number): Point[] =>
    bySecond.flatMap(([second, records]) => {
      const y = percentileOfCounts(mergeCounts(records.flatMap(counts)), percent) / 1e6;
      return Number.isNaN(y) ? [] : [{ x: second + 0.5, y }];
    });
  const all = mergeCounts(run.seconds.flatMap(callCounts));
  const q = (percent: number): string => formatMetric(percentileOfCounts(all, percent));
  return {
    title: all.length === 0 ? 'No call ended' : `Half the calls ended within ${q(50)}, 95 % within ${q(95)}`,
    subtitle: 'Per second. Calls: from request sent to reply read. Admitted attempts: the time in the provider.',
    x: { type: 'linear', title: 'time since start (s)', min: 0, max: Math.max(1, Math.ceil(run.endUs / 1e6)) },
    y: { type: 'linear', title: 'duration (s)', beginAtZero: true },
    datasets: [
      line('calls, 99 %', series(callCounts, 99), '@rejected'),
      line('calls, 95 %', series(callCounts, 95), '@requested'),
      line('calls, 50 %', series(callCounts, 50), '@offered'),
      line('answered attempts, 95 %', series(admitted, 95), '@admitted'),
    ],
  };
}
