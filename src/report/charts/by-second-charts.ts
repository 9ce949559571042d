import { amountOf } from '../../../mock-server/admission/period.ts';
import { isAdmitted } from '../../analysis/attempts.ts';
import { merged, percentileOf } from '../../analysis/counts.ts';
import type { Run } from '../../analysis/run-view.ts';
import { formatMetric } from '../format.ts';
import { type ChartSpec, COLOURS, chart, limitLine, line, type Point, short } from './chart-spec.ts';

type Second = Run['seconds'][number];
type Counts = Parameters<typeof merged>[0];

/** How long the calls of raw load took, second by second: the middle and the slow ones, beside what the provider took. */
export function latencyBySecond(run: Run): ChartSpec {
  const callCounts = ({ calls = [] }: Second): Counts =>
    calls.filter(({ result }) => result !== 'open').map(({ durations }) => durations);
  const admitted = ({ attempts = [] }: Second): Counts => attempts.filter(isAdmitted).map(({ durations }) => durations);
  const bySecond = [...Map.groupBy(run.seconds, ({ startUs }) => Math.floor(startUs / 1e6))];
  const series = (counts: (second: Second) => Counts, percent: number): Point[] =>
    bySecond.flatMap(([second, records]) => {
      const y = percentileOf(merged(records.flatMap(counts)), percent) / 1e6;
      return Number.isNaN(y) ? [] : [{ x: second + 0.5, y }];
    });
  const all = merged(run.seconds.flatMap(callCounts));
  const q = (percent: number): string => formatMetric(percentileOf(all, percent));
  return chart({
    file: 'latency.png',
    title: all.length === 0 ? 'No call ended' : `Half the calls ended within ${q(50)}, 95 % within ${q(95)}`,
    subtitle: 'By second: from a request sent to its answer read, and what the provider took for those it admitted.',
    x: { type: 'linear', title: 'time since start (s)', min: 0, max: Math.max(1, Math.ceil(run.endUs / 1e6)) },
    y: { type: 'linear', title: 'duration (s)', beginAtZero: true },
    datasets: [
      line('calls, 99 %', series(callCounts, 99), COLOURS.rejected),
      line('calls, 95 %', series(callCounts, 95), COLOURS.call),
      line('calls, half of them', series(callCounts, 50), COLOURS.offered),
      line('admitted attempts, 95 %', series(admitted, 95), COLOURS.admitted),
    ],
  });
}

/** What was left in the emptiest bucket of raw load: before the first and after the last request of each second. */
export function bucketBySecond(run: Run): ChartSpec {
  const limits = new Map(run.header.scenario.provider.limits.map((limit) => [limit.name, limit]));
  const met = run.seconds.flatMap(({ startUs, endUs, buckets = [] }) =>
    buckets.flatMap((one) => {
      const limit = limits.get(one.limit);
      return limit ? [{ ...one, startUs, endUs, unit: limit.unit, amount: amountOf(limit.spec) }] : [];
    }),
  );
  const denials = [...Map.groupBy(met, ({ bucket }) => bucket)].map(([bucket, rows]) => ({
    bucket,
    rows,
    denied: rows.reduce((sum, { denied }) => sum + denied, 0),
  }));
  const [tightest] = denials.sort((a, b) => b.denied - a.denied);
  const rows = tightest?.rows ?? [];
  const { amount = 1, unit = 'requests' } = rows[0] ?? {};
  const endS = Math.max(1, Math.ceil(run.endUs / 1e6));
  const requests = rows.reduce((sum, one) => sum + one.met, 0);
  return chart({
    file: 'bucket.png',
    title: tightest
      ? `${tightest.bucket} refused ${short((tightest.denied / requests) * 100)} % of the requests`
      : 'No request met a limit',
    subtitle: 'What was left in it, second by second: before the first request, the least, and after the last.',
    x: { type: 'linear', title: 'time since start (s)', min: 0, max: endS },
    y: { type: 'linear', title: `left (${unit})`, min: 0, suggestedMax: amount * 1.1 },
    datasets: [
      limitLine(`full (${amount})`, amount, 0, endS),
      line(
        'before the first and after the last',
        rows.flatMap(({ startUs, endUs, before, after }) => [
          { x: startUs / 1e6, y: before },
          { x: endUs / 1e6, y: after },
        ]),
        COLOURS.offered,
      ),
      line(
        'the least',
        rows.map(({ startUs, endUs, least }) => ({ x: (startUs + endUs) / 2e6, y: least })),
        COLOURS.rejected,
      ),
    ],
  });
}
