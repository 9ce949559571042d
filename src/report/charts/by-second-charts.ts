import { limitAmount, sustainedRate } from '../../../mock-server/admission/limit-rate.ts';
import { computeLimitUse } from '../../analysis/limit-use.ts';
import { isAdmitted } from '../../analysis/run/attempts.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import { mergeCounts, percentileOfCounts } from '../../analysis/statistics/counts.ts';
import { formatMetric } from '../format.ts';
import { type ChartSpec, COLOURS, chart, limitLine, line, type Point } from './chart-spec.ts';

type Second = Run['seconds'][number];
type Counts = Parameters<typeof mergeCounts>[0];

/** Returns the latency chart of raw load per second: median and slow calls, beside admitted attempts. */
export function latencyBySecond(run: Run): ChartSpec {
  const callCounts = ({ calls = [] }: Second): Counts =>
    calls.filter(({ result }) => result !== 'open').map(({ durations }) => durations);
  const admitted = ({ attempts = [] }: Second): Counts => attempts.filter(isAdmitted).map(({ durations }) => durations);
  const bySecond = [...Map.groupBy(run.seconds, ({ startUs }) => Math.floor(startUs / 1e6))];
  const series = (counts: (second: Second) => Counts, percent: number): Point[] =>
    bySecond.flatMap(([second, records]) => {
      const y = percentileOfCounts(mergeCounts(records.flatMap(counts)), percent) / 1e6;
      return Number.isNaN(y) ? [] : [{ x: second + 0.5, y }];
    });
  const all = mergeCounts(run.seconds.flatMap(callCounts));
  const q = (percent: number): string => formatMetric(percentileOfCounts(all, percent));
  return chart({
    file: 'latency.png',
    title: all.length === 0 ? 'No call ended' : `Half the calls ended within ${q(50)}, 95 % within ${q(95)}`,
    subtitle: 'Per second. Calls: from request sent to reply read. Admitted attempts: the time in the provider.',
    x: { type: 'linear', title: 'time since start (s)', min: 0, max: Math.max(1, Math.ceil(run.endUs / 1e6)) },
    y: { type: 'linear', title: 'duration (s)', beginAtZero: true },
    datasets: [
      line('calls, 99 %', series(callCounts, 99), COLOURS.rejected),
      line('calls, 95 %', series(callCounts, 95), COLOURS.requested),
      line('calls, 50 %', series(callCounts, 50), COLOURS.offered),
      line('admitted attempts, 95 %', series(admitted, 95), COLOURS.admitted),
    ],
  });
}

/** Returns the chart of what the limit with the most refusals has admitted since the start, against what it could. */
export function bucketBySecond(run: Run): ChartSpec {
  const [tightest] = computeLimitUse(run).sort((a, b) => b.denied - a.denied);
  const spec = run.header.scenario.provider.limits.find(({ name }) => name === tightest?.limit)?.spec;
  const rate = spec && sustainedRate(spec);
  const endS = Math.max(1, Math.ceil(run.endUs / 1e6));
  const shares: { x: number; y: number }[] = [];
  if (tightest && spec && rate) {
    let admitted = 0;
    for (const { endUs, buckets = [] } of run.seconds.filter(({ attempts }) => attempts)) {
      for (const { limit, charged } of buckets) if (limit === tightest.limit) admitted += charged;
      const admissible = tightest.buckets * (limitAmount(spec) + (rate.amount * endUs) / rate.periodUs);
      shares.push({ x: endUs / 1e6, y: (100 * admitted) / admissible });
    }
  }
  const last = shares.at(-1);
  return chart({
    file: 'bucket.png',
    title: last
      ? `The limit ${tightest!.limit} admitted ${Number(last.y.toFixed(2))} % of what it could`
      : 'No rate limit was reached',
    subtitle: 'Since the start of the run. 100 % is the full bucket plus the refill up to that second.',
    x: { type: 'linear', title: 'time since start (s)', min: 0, max: endS },
    y: { type: 'linear', title: 'admitted since the start (%)', min: 0, suggestedMax: 110 },
    datasets: [
      limitLine('all it could admit', 100, 0, endS),
      line('admitted', shares, COLOURS.admitted, { pointRadius: 3.5, pointStyle: 'circle' }),
    ],
  });
}
