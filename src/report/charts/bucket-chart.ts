import { limitAmount } from '../../../mock-server/admission/limit-rate.ts';
import type { AlgorithmSpec } from '../../../mock-server/limiter/algorithms.ts';
import { isRejected } from '../../analysis/run/attempts.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import { topBy } from '../../analysis/statistics/top-by.ts';
import { type ChartContent, type ChartMaker, limitLine, line, short } from './chart-spec.ts';
import { createFindRefill } from './find-refill.ts';
import { createThinLine, type ThinLine } from './thin.ts';

const LINE_COLOURS = ['@first', '@second', '@third'];

/** One bucket and how often it was nearly empty. */
interface BucketLevel {
  readonly bucket: string;
  readonly unit: string;
  readonly amount: number;
  readonly spec: AlgorithmSpec;
  /** Requests that used this bucket. */
  requests: number;
  /** Requests that left less than a tenth in it. */
  nearlyEmpty: number;
}

/** Bucket levels before and after each request, for the (at most three) emptiest buckets. */
export const bucketChart: ChartMaker = { file: 'bucket.png', needs: ['records', 'limits'], draw };

function draw(run: Run): ChartContent {
  const levels = topBy(bucketLevels(run), nearlyEmptyShare, LINE_COLOURS.length);
  const [tightest] = levels;
  const several = levels.length > 1;
  const endS = Math.max(1, Math.ceil(run.endUs / 1e6));
  const fullRun = levelLines(run, levels, 0, endS);
  const solid = fullRun.some((thin, index) => thin.isSolid(several ? 100 : levels[index]!.amount));
  const [fromS, toS] = solid ? busiestMinute(run) : [0, endS];
  const lines = solid ? levelLines(run, levels, fromS, toS) : fullRun;
  return {
    title: tightest
      ? `${tightest.bucket} was nearly empty after ${short(nearlyEmptyShare(tightest) * 100)} % of its requests`
      : 'No request reached a limit',
    subtitle: `Level before and after each request. Rising lines are refill.${toS - fromS < endS ? ' Shown: the minute with the most refusals.' : ''}`,
    x: { type: 'linear', title: 'time since start (s)', min: fromS, max: toS },
    y: several
      ? { type: 'linear', title: 'remaining (% of the limit)', min: 0, suggestedMax: 110 }
      : {
          type: 'linear',
          title: `remaining (${tightest?.unit ?? 'requests'})`,
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
        line(level.bucket, lines[index]!.points(), LINE_COLOURS[index]!, { borderWidth: 1.5 }),
      ),
    ],
  };
}

/** Returns start and end, in seconds, of the minute with the most refusals. */
function busiestMinute({ attempts, endUs }: Run): [number, number] {
  const minutes = new Map<number, number>();
  for (const attempt of attempts) {
    const minute = Math.floor(attempt.startUs / 60e6);
    if (isRejected(attempt)) minutes.set(minute, (minutes.get(minute) ?? 0) + 1);
  }
  const [busiest] = [...minutes].reduce((best, minute) => (minute[1] > best[1] ? minute : best), [0, 0]);
  return [busiest * 60, Math.min((busiest + 1) * 60, Math.ceil(endUs / 1e6))];
}

const nearlyEmptyShare = ({ nearlyEmpty, requests }: BucketLevel): number => nearlyEmpty / requests;

/** Returns every bucket that a request used. */
function bucketLevels(run: Run): BucketLevel[] {
  const limits = new Map(
    run.header.scenario.provider.limits.map(({ name, unit, spec }) => [
      name,
      { unit, amount: limitAmount(spec), spec },
    ]),
  );
  const levels = new Map<string, BucketLevel>();
  for (const attempt of run.attempts) {
    for (const { limit, bucket, after } of attempt.limits) {
      const known = limits.get(limit);
      if (!known) continue;
      const level = levels.get(bucket) ?? { bucket, ...known, requests: 0, nearlyEmpty: 0 };
      if (level.requests++ === 0) levels.set(bucket, level);
      if (after < level.amount / 10) level.nearlyEmpty++;
    }
  }
  return [...levels.values()];
}

/** Returns the lines of the buckets between two times; several buckets are scaled to per cent of their limits. */
function levelLines(run: Run, levels: readonly BucketLevel[], fromS: number, toS: number): ThinLine[] {
  const thin = levels.map(() => createThinLine(fromS, toS));
  const indexOf = new Map(levels.map(({ bucket }, index) => [bucket, index]));
  const findRefill = levels.map(({ spec }) => createFindRefill(spec, run.header.generated.startedUs));
  const refills: ReturnType<(typeof findRefill)[number]>[] = [];
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
      const refill = refills[index];
      // A bucket that is full before the next request stays level from then on.
      if (refill && refill.atUs <= startUs) for (const level of refill.levels) add(index, refill.atUs, level);
      add(index, startUs, before);
      add(index, startUs, after);
      refills[index] = findRefill[index]!(startUs, after);
    }
  }
  return thin;
}
