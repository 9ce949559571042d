import { sustainedRate } from '../../../mock-server/admission/period.ts';
import { formatDuration } from '../../../mock-server/duration.ts';
import { clearest } from '../judging/clearest.ts';
import { defineJudge, neverArose, proof, tooLittle } from '../judging/define-judge.ts';
import { duration, number } from '../judging/verdict-setting.ts';
import { type Retry, retriesOf } from '../run/attempts.ts';
import { openAt } from '../run/open-at.ts';
import type { Attempt, Run } from '../run/run-view.ts';
import { ascending, percentile } from '../statistics/percentile.ts';

/** A wait, and how long it had to be. */
interface Waited {
  readonly next: Attempt;
  readonly gapUs: number;
  readonly neededUs: number;
}

/**
 * Does it wait much longer than it has to? (`backoff.md` 3.28.) A wait had to be as long as the client was told, as the
 * limiter needed, or as all the calls that were open then take to be let in one after another: to spread over that is right.
 */
export const overWaits = defineJudge({
  id: 'over-waits',
  question: 'Does it wait much longer than it has to?',
  severity: 'warn',
  about: 'calls',
  unit: 'times as long',
  settings: {
    warnTimes: number(2, 'times as long at p(95) above which it warns'),
    warnExcess: duration(10_000_000, 'and too long at p(95) by more than this'),
    failTimes: number(5, 'times as long at p(95) above which it fails'),
    failExcess: duration(60_000_000, 'and too long at p(95) by more than this'),
    needed: number(5, 'waits that must have been seen'),
  },
  threshold: ({ warnTimes, warnExcess, failTimes, failExcess }) =>
    `warn p(95) > ${warnTimes} × and > ${formatDuration(warnExcess)}, fail > ${failTimes} × and > ${formatDuration(failExcess)}`,
  decide(run, { warnTimes, warnExcess, failTimes, failExcess, needed }) {
    const waited = waitsOf(run);
    const n = waited.length;
    if (n === 0) return neverArose('No refusal that would have passed in time was followed by another attempt.');
    if (n < needed) {
      return tooLittle(n, needed, `${n} waits were seen; ${needed} are needed.`, 'Run longer, or with more load.');
    }
    const times = at95(waited.map(({ gapUs, neededUs }) => gapUs / neededUs));
    const excessUs = at95(waited.map(({ gapUs, neededUs }) => gapUs - neededUs));
    const failed = times > failTimes && excessUs > failExcess;
    return {
      status: failed ? 'fail' : times > warnTimes && excessUs > warnExcess ? 'warn' : 'pass',
      n,
      needed,
      figure: times,
      evidence: clearest(waited, ({ gapUs, neededUs }) => gapUs - neededUs).map(({ next, gapUs, neededUs }) =>
        proof(next, `waited ${formatDuration(gapUs)} where ${formatDuration(neededUs)} would have done`),
      ),
      reason: `At p(95) a wait was ${times.toFixed(1)} times as long as it had to be, ${formatDuration(Math.max(0, excessUs))} too long.`,
      advice: 'Cap the wait, and let Retry-After decide where it is sent; spread over seconds, not minutes.',
    };
  },
});

function waitsOf(run: Run): Waited[] {
  const open = openAt(run.calls);
  return retriesOf(run).flatMap((retry): Waited[] => {
    const { refused, next, gapUs } = retry;
    if (refused.admitAfterUs === undefined) return [];
    const sentUs = refused.headersUs ?? refused.endUs;
    const roomUs = refused.startUs + refused.admitAfterUs - sentUs;
    const drainUs = open(refused.endUs) * timeForOneUs(retry, run);
    return [{ next, gapUs, neededUs: Math.max(1000, refused.retryAfterUs ?? 0, roomUs, drainUs) }];
  });
}

/** The time in which the limit that refused lets in one more like it. */
function timeForOneUs({ refused }: Retry, { header }: Run): number {
  const limit = header.scenario.provider.limits.find(({ name }) => name === refused.deniedBy);
  const rate = limit && sustainedRate(limit.spec);
  const cost = refused.limits.find((one) => one.limit === refused.deniedBy)?.cost ?? 1;
  return rate ? (cost * rate.periodUs) / rate.amount : 0;
}

function at95(values: readonly number[]): number {
  return percentile(ascending(values), 95);
}
