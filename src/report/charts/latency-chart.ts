import { isAnswered } from '../../analysis/run/attempts.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import { ascending, percentile } from '../../analysis/statistics/percentile.ts';
import { formatMetric } from '../format.ts';
import { type ChartContent, type ChartMaker, marks } from './chart-spec.ts';
import { thinMarks } from './thin.ts';

/** Ratio of the longest to the shortest duration from which a logarithmic axis is easier to read. */
const LOGARITHMIC_FROM_RATIO = 50;

/** Call durations, including retries and waits, beside the answered attempts alone. */
export const latencyChart: ChartMaker = { file: 'latency.png', needs: ['records', 'durations'], draw };

function draw(run: Run): ChartContent {
  const ended = run.calls.filter(({ result }) => result !== 'open');
  const calls = (result: 'ok' | 'error') =>
    thinMarks(
      ended
        .filter((call) => call.result === result)
        .map(({ scheduledUs, startUs, endUs }) => ({ x: startUs / 1e6, y: (endUs - scheduledUs) / 1e6 })),
    );
  const attempts = thinMarks(
    run.attempts.filter(isAnswered).map(({ startUs, endUs }) => ({ x: startUs / 1e6, y: (endUs - startUs) / 1e6 })),
  );
  const durations = ascending(ended.map(({ scheduledUs, endUs }) => endUs - scheduledUs));
  const wide =
    durations.length > 0 &&
    durations.at(-1)! /
      Math.max(
        1,
        attempts.reduce((shortest, { y }) => Math.min(shortest, y * 1e6), durations[0]!),
      ) >
      LOGARITHMIC_FROM_RATIO;
  const q = (percent: number): string => formatMetric(percentile(durations, percent));
  return {
    title: durations.length === 0 ? 'No call ended' : `Half the calls ended within ${q(50)}, 95 % within ${q(95)}`,
    subtitle: 'Calls: from scheduled start to end. Admitted attempts: the request alone. The difference is waiting.',
    x: {
      type: 'linear',
      title: 'start, since run start (s)',
      min: 0,
      max: Math.max(1, Math.ceil(run.endUs / 1e6)),
    },
    y: { type: wide ? 'logarithmic' : 'linear', title: 'duration (s)', beginAtZero: !wide },
    datasets: [
      // The first dataset is drawn on top: failures must stay visible.
      marks('failed call', calls('error'), '@rejected', { pointStyle: 'crossRot', pointRadius: 5 }),
      marks('successful call', calls('ok'), '@offered'),
      marks('answered attempt', attempts, '@admitted', { pointStyle: 'triangle', pointRadius: 3 }),
    ],
  };
}
