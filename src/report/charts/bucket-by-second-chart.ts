import { limitAmount, sustainedRate } from '../../../mock-server/admission/limit-rate.ts';
import type { Analysis } from '../../analysis/analysis.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import { type ChartContent, type ChartMaker, limitLine, line } from './chart-spec.ts';

/** Units admitted since the start by the limit with the most refusals, against the units it could have admitted. */
export const bucketBySecondChart: ChartMaker = { file: 'bucket.png', needs: ['seconds'], draw };

function draw(run: Run, analysis: Analysis): ChartContent {
  const [tightest] = analysis.limits.toSorted((a, b) => b.denied - a.denied);
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
  return {
    title: last
      ? `The limit ${tightest!.limit} admitted ${Number(last.y.toFixed(2))} % of what it could`
      : 'No rate limit was reached',
    subtitle: 'Since the start of the run. 100 % is the full bucket plus the refill up to that second.',
    x: { type: 'linear', title: 'time since start (s)', min: 0, max: endS },
    y: { type: 'linear', title: 'admitted since the start (%)', min: 0, suggestedMax: 110 },
    datasets: [
      limitLine('all it could admit', 100, 0, endS),
      line('admitted', shares, '@admitted', { pointRadius: 3.5, pointStyle: 'circle' }),
    ],
  };
}
