import { amountOf, sustainedRate } from '../../../mock-server/admission/period.ts';
import { limitUse } from '../../analysis/limit-use.ts';
import { isAdmitted } from '../../analysis/run/attempts.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import { merged, percentileOf } from '../../analysis/statistics/counts.ts';
import { formatMetric } from '../format.ts';
import { type ChartSpec, COLOURS, chart, limitLine, line, type Point } from './chart-spec.ts';

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
      line('calls, 95 %', series(callCounts, 95), COLOURS.asked),
      line('calls, half of them', series(callCounts, 50), COLOURS.offered),
      line('admitted attempts, 95 %', series(admitted, 95), COLOURS.admitted),
    ],
  });
}

/** How exact the limit that refused most is: what it has let in since the start, against what it could. */
export function bucketBySecond(run: Run): ChartSpec {
  const [tightest] = limitUse(run).sort((a, b) => b.denied - a.denied);
  const spec = run.header.scenario.provider.limits.find(({ name }) => name === tightest?.limit)?.spec;
  const rate = spec && sustainedRate(spec);
  const endS = Math.max(1, Math.ceil(run.endUs / 1e6));
  const shares: { x: number; y: number }[] = [];
  if (tightest && spec && rate) {
    let admitted = 0;
    for (const { endUs, buckets = [] } of run.seconds.filter(({ attempts }) => attempts)) {
      for (const { limit, charged } of buckets) if (limit === tightest.limit) admitted += charged;
      const admissible = tightest.buckets * (amountOf(spec) + (rate.amount * endUs) / rate.periodUs);
      shares.push({ x: endUs / 1e6, y: (100 * admitted) / admissible });
    }
  }
  const last = shares.at(-1);
  return chart({
    file: 'bucket.png',
    title: last
      ? `The limit ${tightest!.limit} let in ${Number(last.y.toFixed(2))} % of what it could`
      : 'No limit on a rate was met',
    subtitle:
      'Since the start: what it lets in at once, and what comes back all the time, are all that it could let in.',
    x: { type: 'linear', title: 'time since start (s)', min: 0, max: endS },
    y: { type: 'linear', title: 'let in since the start (%)', min: 0, suggestedMax: 110 },
    datasets: [
      limitLine('all that it could let in', 100, 0, endS),
      line('let in', shares, COLOURS.admitted, { pointRadius: 3.5, pointStyle: 'circle' }),
    ],
  });
}
