import { amountOf, sustainedRate } from '../../../mock-server/admission/period.ts';
import { isRejected } from '../../analysis/attempts.ts';
import type { Run } from '../../analysis/run-view.ts';
import { type ChartSpec, chart, limitLine, line, short } from './chart-spec.ts';
import { isSolid, thinLine } from './thin.ts';

const LINES = ['#0072B2', '#E69F00', '#CC79A7'];

/** One bucket's level over time. */
interface Level {
  readonly bucket: string;
  readonly unit: string;
  readonly amount: number;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** Share of what was looked at with less than a tenth left. */
  readonly dry: number;
}

/** How full the buckets were: what was left before and after each request. The emptiest first, three at most. */
export function bucketChart(run: Run): ChartSpec {
  const levels = levelsOf(run)
    .sort((a, b) => b.dry - a.dry)
    .slice(0, LINES.length);
  const [tightest] = levels;
  const several = levels.length > 1;
  const wholeS = Math.max(1, Math.ceil(run.endUs / 1e6));
  const [fromS, toS] = levels.some(({ points, amount }) => isSolid(points, amount)) ? busiestMinute(run) : [0, wholeS];
  const shown = (points: readonly { x: number; y: number }[]) => points.filter(({ x }) => x >= fromS && x <= toS);
  const scaled = ({ points, amount }: Level) =>
    several ? points.map(({ x, y }) => ({ x, y: (y / amount) * 100 })) : points;
  return chart({
    file: 'bucket.png',
    title: tightest
      ? `${tightest.bucket} was nearly empty for ${short(tightest.dry * 100)} % of the requests`
      : 'No request met a limit',
    subtitle: `What was left before and after each request; lines that rise are refill.${toS - fromS < wholeS ? ' The minute with the most refusals.' : ''}`,
    x: { type: 'linear', title: 'time since start (s)', min: fromS, max: toS },
    y: several
      ? { type: 'linear', title: 'left (% of the limit)', min: 0, suggestedMax: 110 }
      : {
          type: 'linear',
          title: `left (${tightest?.unit ?? 'requests'})`,
          min: 0,
          suggestedMax: (tightest?.amount ?? 1) * 1.1,
        },
    datasets: [
      limitLine(
        several ? 'full' : `full (${tightest?.amount ?? 0})`,
        several ? 100 : (tightest?.amount ?? 0),
        fromS,
        toS,
      ),
      ...levels.map((level, index) =>
        line(level.bucket, thinLine(shown(scaled(level))), LINES[index]!, { borderWidth: 1.5 }),
      ),
    ],
  });
}

/** Start and end, in seconds, of the minute in which most requests were refused. */
function busiestMinute({ attempts, endUs }: Run): [number, number] {
  const minutes = new Map<number, number>();
  for (const attempt of attempts) {
    const minute = Math.floor(attempt.startUs / 60e6);
    if (isRejected(attempt)) minutes.set(minute, (minutes.get(minute) ?? 0) + 1);
  }
  const [busiest] = [...minutes].reduce((most, one) => (one[1] > most[1] ? one : most), [0, 0]);
  return [busiest * 60, Math.min((busiest + 1) * 60, Math.ceil(endUs / 1e6))];
}

function levelsOf(run: Run): Level[] {
  return run.header.scenario.provider.limits.flatMap(({ name, unit, spec }) => {
    const sights = run.attempts.flatMap(({ startUs, limits }) =>
      limits.filter(({ limit }) => limit === name).map((sight) => ({ ...sight, atUs: startUs })),
    );
    const amount = amountOf(spec);
    const refill = spec.algorithm === 'token-bucket' ? sustainedRate(spec) : null;
    return [...Map.groupBy(sights, ({ bucket }) => bucket)].map(([bucket, seen]): Level => {
      const points = seen.flatMap(({ atUs, before, after }, index) => {
        const next = seen[index + 1];
        const full = refill && atUs + ((amount - after) * refill.periodUs) / refill.amount;
        // A bucket that fills up before the next request rises and then stays.
        const fills = next && full !== null && full < next.atUs ? [{ x: full / 1e6, y: amount }] : [];
        return [{ x: atUs / 1e6, y: before }, { x: atUs / 1e6, y: after }, ...fills];
      });
      const dry = seen.filter(({ after }) => after < amount / 10).length / seen.length;
      return { bucket, unit, amount, points: [{ x: 0, y: amount }, ...points], dry };
    });
  });
}
