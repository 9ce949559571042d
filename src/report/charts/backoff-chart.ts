import { type Retry, retriesOf } from '../../analysis/run/attempts.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import { median } from '../../analysis/statistics/percentile.ts';
import { formatMetric } from '../format.ts';
import { type ChartSpec, COLOURS, chart, line, marks, type Point } from './chart-spec.ts';
import { thinMarks } from './thin.ts';

/** Retries beyond this number are drawn at it: a client without an end would squeeze the rest. */
const MOST = 12;

/** How long the client waited before each retry, beside the wait it was asked for. */
export function backoffChart(run: Run): ChartSpec {
  const retries = retriesOf(run).filter(({ refused }) => refused.number <= MOST);
  const byNumber = Map.groupBy(retries, ({ refused }) => refused.number);
  const waited = retries.map(({ gapUs, refused, next }) => ({
    x: refused.number + spread(next.id),
    y: Math.max(0, gapUs) / 1e6,
  }));
  const asked = retries.flatMap(({ refused: { number, retryAfterUs, id } }) =>
    retryAfterUs === undefined ? [] : [{ x: number - spread(id), y: retryAfterUs / 1e6 }],
  );
  const most = Math.max(1, ...byNumber.keys());
  return chart({
    file: 'backoff.png',
    title: titleOf(retries, byNumber),
    subtitle:
      'A pair of marks is a retry: left the wait that was asked for, right the wait until the next request of the call.',
    x: { type: 'linear', title: 'retry number', min: 0, max: most + 1, ticks: { stepSize: 1 } },
    y: { type: 'linear', title: 'wait (s)', beginAtZero: true },
    datasets: [
      line('median wait', medianBars(byNumber), COLOURS.limit, { borderWidth: 3 }),
      marks('asked for (Retry-After)', thinMarks(asked), COLOURS.asked, { pointStyle: 'rect', pointRadius: 4 }),
      marks('waited', thinMarks(waited), COLOURS.offered),
    ],
  });
}

/** How far aside a mark stands, the same in every drawing: the fractional part of a multiple of the golden ratio. */
function spread(id: number): number {
  return 0.06 + ((id * 0.618_033_988_75) % 1) * 0.3;
}

function titleOf(retries: readonly Retry[], byNumber: ReadonlyMap<number, readonly Retry[]>): string {
  if (retries.length === 0) return 'No call came back after a refusal';
  const medians = [...byNumber.keys()]
    .sort((a, b) => a - b)
    .slice(0, 4)
    .map((number) => formatMetric(median(byNumber.get(number)!.map(({ gapUs }) => gapUs))));
  return `${retries.length} retries; median waits ${medians.join(', ')}${byNumber.size > 4 ? ', …' : ''}`;
}

/** A bar across the waits of each retry number at their median; NaN keeps them apart. */
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
