import { findRetries, type Retry } from '../../analysis/run/attempts.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import { median } from '../../analysis/statistics/percentile.ts';
import { formatMetric } from '../format.ts';
import { type ChartContent, type ChartMaker, line, marks, type Point } from './chart-spec.ts';
import { thinMarks } from './thin.ts';

/** Later retries are not drawn: a client that never gives up would squeeze the others. */
const MAX_RETRY_NUMBER = 12;

/** The waits before each retry, beside the waits that Retry-After requested. */
export const backoffChart: ChartMaker = { file: 'backoff.png', needs: ['records'], draw };

function draw(run: Run): ChartContent {
  const retries = findRetries(run).filter(({ refused }) => refused.number <= MAX_RETRY_NUMBER);
  const byNumber = Map.groupBy(retries, ({ refused }) => refused.number);
  const waited = retries.map(({ gapUs, refused, next }) => ({
    x: refused.number + sidewaysOffset(next.id),
    y: Math.max(0, gapUs) / 1e6,
  }));
  const requested = retries.flatMap(({ refused: { number, retryAfterUs, id } }) =>
    retryAfterUs === undefined ? [] : [{ x: number - sidewaysOffset(id), y: retryAfterUs / 1e6 }],
  );
  const highest = Math.max(1, ...byNumber.keys());
  return {
    title: titleOf(retries, byNumber),
    subtitle:
      'A pair of marks is a retry. Left: the requested wait. Right: the wait until the next attempt of the call.',
    x: { type: 'linear', title: 'retry number', min: 0, max: highest + 1, ticks: { stepSize: 1 } },
    y: { type: 'linear', title: 'wait (s)', beginAtZero: true },
    datasets: [
      line('median wait', medianBars(byNumber), '@limit', { borderWidth: 3 }),
      marks('requested (Retry-After)', thinMarks(requested), '@requested', { pointStyle: 'rect', pointRadius: 4 }),
      marks('waited', thinMarks(waited), '@offered'),
    ],
  };
}

/** Spreads marks sideways, the same in every drawing: the fractional part of a multiple of the golden ratio. */
function sidewaysOffset(id: number): number {
  return 0.06 + ((id * 0.618_033_988_75) % 1) * 0.3;
}

function titleOf(retries: readonly Retry[], byNumber: ReadonlyMap<number, readonly Retry[]>): string {
  if (retries.length === 0) return 'No call retried after a refusal';
  const medians = [...byNumber.keys()]
    .sort((a, b) => a - b)
    .slice(0, 4)
    .map((number) => formatMetric(median(byNumber.get(number)!.map(({ gapUs }) => gapUs))));
  return `${retries.length} retries; median waits ${medians.join(', ')}${byNumber.size > 4 ? ', …' : ''}`;
}

/** Returns a bar at the median wait of each retry number. NaN separates the bars. */
function medianBars(byNumber: ReadonlyMap<number, readonly Retry[]>): Point[] {
  return [...byNumber].flatMap(([number, retries]) => {
    const y = median(retries.map(({ gapUs }) => gapUs)) / 1e6;
    return [
      { x: number + 0.03, y },
      { x: number + 0.39, y },
      { x: Number.NaN, y: Number.NaN },
    ];
  });
}
