import { sustainedRate } from '../../../mock-server/admission/limit-rate.ts';
import { formatDuration } from '../../../mock-server/duration.ts';
import { defineJudge, notApplicable, proof } from '../judging/define-judge.ts';
import { isExact } from '../judging/how-much-is-proof.ts';
import { MAX_EVIDENCE } from '../judging/verdict.ts';
import { duration, number } from '../judging/verdict-setting.ts';
import { findRetries, type Retry } from '../run/attempts.ts';
import { createOpenCounter } from '../run/open-at.ts';
import type { Attempt, Run } from '../run/run-view.ts';
import { ascending, percentile } from '../statistics/percentile.ts';
import { topBy } from '../statistics/top-by.ts';

/** A wait, and the shortest wait that would have sufficed. */
interface MeasuredWait {
  readonly next: Attempt;
  readonly gapUs: number;
  readonly neededUs: number;
}

/**
 * Compares waits with the needed time (`backoff.md` 3.28). That is the longest of Retry-After, the time until the limiter can
 * admit the request, and the time in which it admits all open calls, since a client may spread its retries over that time.
 */
export const overWaits = defineJudge({
  id: 'over-waits',
  question: 'Does it wait much longer than needed?',
  severity: 'warn',
  decidedBy: 'instance',
  arrange: 'Set a limit below the load, so that requests are refused.',
  about: 'calls',
  needs: { limits: 'always' },
  unit: '× the needed time',
  settings: {
    warnTimes: number(2, 'warn above this multiple of the needed time at p95'),
    warnExcess: duration(10_000_000, 'and above this much excess time at p95'),
    failTimes: number(5, 'fail above this multiple of the needed time at p95'),
    failExcess: duration(60_000_000, 'and above this much excess time at p95'),
    needed: number(5, 'minimum waits; in virtual time one is enough'),
  },
  threshold: ({ warnTimes, warnExcess, failTimes, failExcess }) =>
    `p95: warn > ${warnTimes}× and > ${formatDuration(warnExcess)} too long, fail > ${failTimes}× and > ${formatDuration(failExcess)} too long`,
  decide(run, { warnTimes, warnExcess, failTimes, failExcess, needed }) {
    const waited = waitsOf(run);
    const n = waited.length;
    if (n === 0) return notApplicable('No refused request that could pass later was retried.');
    const times = at95(waited.map(({ gapUs, neededUs }) => gapUs / neededUs));
    const excessUs = at95(waited.map(({ gapUs, neededUs }) => gapUs - neededUs));
    const failed = times > failTimes && excessUs > failExcess;
    const status = failed ? 'fail' : times > warnTimes && excessUs > warnExcess ? 'warn' : 'pass';
    // In exact time a single wait is what the client does; elsewhere it may be the machine's.
    const undecided = n < needed && !isExact(run);
    return {
      status: undecided ? 'inconclusive' : status,
      n,
      needed: isExact(run) ? 1 : needed,
      figure: times,
      evidence: topBy(waited, ({ gapUs, neededUs }) => gapUs - neededUs, MAX_EVIDENCE).map(
        ({ next, gapUs, neededUs }) =>
          proof(next, `waited ${formatDuration(gapUs)}, needed ${formatDuration(neededUs)}`),
      ),
      reason: `${undecided ? `${n} waits; ${needed} are needed. ` : ''}p95 wait was ${times.toFixed(1)}× the needed time${excessUs > 0 ? `, ${formatDuration(excessUs)} too long` : ''}.`,
      advice: 'Cap the wait, follow Retry-After where it is sent, and spread retries over seconds, not minutes.',
    };
  },
});

function waitsOf(run: Run): MeasuredWait[] {
  const open = createOpenCounter(run.calls);
  return findRetries(run).flatMap((retry): MeasuredWait[] => {
    const { refused, next, gapUs } = retry;
    if (refused.admitAfterUs === undefined) return [];
    const sentUs = refused.headersUs ?? refused.endUs;
    const admissibleUs = refused.startUs + refused.admitAfterUs - sentUs;
    const drainUs = open(refused.endUs) * timePerRequestUs(retry, run);
    return [{ next, gapUs, neededUs: Math.max(1000, refused.retryAfterUs ?? 0, admissibleUs, drainUs) }];
  });
}

/** The time in which the limit that refused admits one more such request. */
function timePerRequestUs({ refused }: Retry, { header }: Run): number {
  const limit = header.scenario.provider.limits.find(({ name }) => name === refused.deniedBy);
  const rate = limit && sustainedRate(limit.spec);
  const cost = refused.limits.find((one) => one.limit === refused.deniedBy)?.cost ?? 1;
  return rate ? (cost * rate.periodUs) / rate.amount : 0;
}

function at95(values: readonly number[]): number {
  return percentile(ascending(values), 95);
}
