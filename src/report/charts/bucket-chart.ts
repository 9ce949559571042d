import { amountOf, sustainedRate } from '../../../mock-server/admission/period.ts';
import { clearest } from '../../analysis/judging/clearest.ts';
import { isRejected } from '../../analysis/run/attempts.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import { type ChartSpec, chart, limitLine, line, short } from './chart-spec.ts';
import { createThinLine, type ThinLine } from './thin.ts';

const LINES = ['#0072B2', '#E69F00', '#CC79A7'];

/** One bucket and what was left in it. */
interface Level {
  readonly bucket: string;
  readonly unit: string;
  readonly amount: number;
  /** What comes back all the time; null where it comes back at once. */
  readonly refill: ReturnType<typeof sustainedRate>;
  /** Requests that met it, and those that left less than a tenth. */
  seen: number;
  dry: number;
}

/** How full the buckets were: what was left before and after each request. The emptiest first, three at most. */
export function bucketChart(run: Run): ChartSpec {
  const levels = clearest(levelsOf(run), dryness, LINES.length);
  const [tightest] = levels;
  const several = levels.length > 1;
  const wholeS = Math.max(1, Math.ceil(run.endUs / 1e6));
  const whole = linesOf(run, levels, 0, wholeS);
  const solid = whole.some((thin, index) => thin.isSolid(several ? 100 : levels[index]!.amount));
  const [fromS, toS] = solid ? busiestMinute(run) : [0, wholeS];
  const lines = solid ? linesOf(run, levels, fromS, toS) : whole;
  return chart({
    file: 'bucket.png',
    title: tightest
      ? `${tightest.bucket} was nearly empty for ${short(dryness(tightest) * 100)} % of the requests`
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
      ...levels.map((level, index) => line(level.bucket, lines[index]!.points(), LINES[index]!, { borderWidth: 1.5 })),
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

const dryness = ({ dry, seen }: Level): number => dry / seen;

/** Every bucket that was met. */
function levelsOf(run: Run): Level[] {
  const limits = new Map(
    run.header.scenario.provider.limits.map(({ name, unit, spec }) => {
      const refill = spec.algorithm === 'token-bucket' ? sustainedRate(spec) : null;
      return [name, { unit, amount: amountOf(spec), refill }];
    }),
  );
  const met = new Map<string, Level>();
  for (const attempt of run.attempts) {
    for (const { limit, bucket, after } of attempt.limits) {
      const known = limits.get(limit);
      if (!known) continue;
      const level = met.get(bucket) ?? { bucket, ...known, seen: 0, dry: 0 };
      if (level.seen++ === 0) met.set(bucket, level);
      if (after < level.amount / 10) level.dry++;
    }
  }
  return [...met.values()];
}

/** The lines of some buckets between two moments; of several, in per cent of their limits. */
function linesOf(run: Run, levels: readonly Level[], fromS: number, toS: number): ThinLine[] {
  const thin = levels.map(() => createThinLine(fromS, toS));
  const indexOf = new Map(levels.map(({ bucket }, index) => [bucket, index]));
  const fullUs: (number | undefined)[] = [];
  const add = (index: number, atUs: number, left: number): void => {
    const x = atUs / 1e6;
    if (x >= fromS && x <= toS) thin[index]!.add(x, levels.length > 1 ? (left / levels[index]!.amount) * 100 : left);
  };
  for (const [index, { amount }] of levels.entries()) add(index, 0, amount);
  for (const { startUs, limits } of run.attempts) {
    if (startUs / 1e6 > toS) break;
    for (const { bucket, before, after } of limits) {
      const index = indexOf.get(bucket);
      if (index === undefined) continue;
      const { amount, refill } = levels[index]!;
      // A bucket that fills up before the next request rises and then stays.
      if (fullUs[index] !== undefined && fullUs[index] < startUs) add(index, fullUs[index], amount);
      add(index, startUs, before);
      add(index, startUs, after);
      fullUs[index] = refill ? startUs + ((amount - after) * refill.periodUs) / refill.amount : undefined;
    }
  }
  return thin;
}
