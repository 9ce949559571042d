import { sustainedRate } from '../../../mock-server/admission/limit-rate.ts';
import { formatDuration } from '../../../mock-server/duration.ts';
import { limitsOf } from '../../scenario/fleet.ts';
import { formatApart, formatMetric, round } from '../format.ts';
import { defineJudge, notApplicable, proof } from '../judging/define-judge.ts';
import { isExact } from '../judging/how-much-is-proof.ts';
import { MAX_EVIDENCE } from '../judging/verdict.ts';
import { duration, number } from '../judging/verdict-setting.ts';
import { findRetries, type Retry } from '../run/attempts.ts';
import { createOpenCounter } from '../run/open-at.ts';
import type { Attempt, Call, Run } from '../run/run-view.ts';
import { ascending, percentile } from '../statistics/percentile.ts';
import { topBy } from '../statistics/top-by.ts';

/** A wait, and the shortest wait that would have sufficed. */
interface MeasuredWait {
  readonly next: Attempt;
  readonly gapUs: number;
  readonly neededUs: number;
}

/**
 * Compares waits with the needed time (`backoff.md` 3.28). That is the longest of what the refusal said, the time until the limiter
 * can admit the request, and the time in which it admits all open calls that use this limit, since a client may spread its
 * retries over that time.
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
    warnTimes: number(2, 'warn above this multiple of the needed time at p95, in virtual time of the worst wait'),
    warnExcess: duration(10_000_000, 'and above this much excess time at p95, in virtual time of the worst wait'),
    failTimes: number(5, 'fail above this multiple of the needed time at p95, in virtual time of the worst wait'),
    failExcess: duration(60_000_000, 'and above this much excess time at p95, in virtual time of the worst wait'),
    needed: number(5, 'minimum waits; in virtual time one is enough'),
  },
  threshold: ({ warnTimes, warnExcess, failTimes, failExcess }) =>
    `p95, in virtual time the worst: warn > ${warnTimes}× and > ${formatDuration(warnExcess)} too long, fail > ${failTimes}× and > ${formatDuration(failExcess)} too long`,
  decide(run, { warnTimes, warnExcess, failTimes, failExcess, needed }) {
    const waited = waitsOf(run);
    const n = waited.length;
    if (n === 0) return notApplicable('No refused request that could pass later was retried.');
    // In exact time a single wait is what the client does; elsewhere it may be the machine's.
    const exact = isExact(run);
    const judged = exact ? worstOf(waited, [failExcess, warnExcess]) : p95Of(waited);
    const { times, excessUs } = judged;
    const failed = times > failTimes && excessUs > failExcess;
    const status = failed ? 'fail' : times > warnTimes && excessUs > warnExcess ? 'warn' : 'pass';
    const undecided = n < needed && !exact;
    const few = undecided ? `${n} waits; ${needed} are needed. ` : '';
    const tooLong = excessUs > 0 ? `, ${formatMetric(excessUs)} too long` : '';
    return {
      status: undecided ? 'inconclusive' : status,
      n,
      needed: exact ? 1 : needed,
      figure: times,
      evidence: topBy(waited, excessOf, MAX_EVIDENCE).map(({ next, gapUs, neededUs }) => {
        const [waitedFor, needs] = formatApart(gapUs, neededUs);
        return proof(next, `waited ${waitedFor}, needed ${needs}`);
      }),
      reason: `${few}${exact ? 'The worst' : 'p95'} wait was ${round(times)}× the needed time${tooLong}.`,
      advice: 'Cap the wait, follow Retry-After where it is sent, and spread retries over seconds, not minutes.',
    };
  },
});

interface OverWait {
  readonly times: number;
  readonly excessUs: number;
}

const excessOf = ({ gapUs, neededUs }: MeasuredWait): number => gapUs - neededUs;

const timesOf = ({ gapUs, neededUs }: MeasuredWait): number => gapUs / neededUs;

/** The largest multiple among the waits whose excess is beyond the first of these bounds that any exceeds. */
function worstOf(waited: readonly MeasuredWait[], bounds: readonly number[]): OverWait {
  const bound = bounds.find((least) => waited.some((wait) => excessOf(wait) > least)) ?? Number.NEGATIVE_INFINITY;
  const [worst] = topBy(
    waited.filter((wait) => excessOf(wait) > bound),
    timesOf,
    1,
  );
  return { times: timesOf(worst!), excessUs: excessOf(worst!) };
}

function p95Of(waited: readonly MeasuredWait[]): OverWait {
  return { times: at95(waited.map(timesOf)), excessUs: at95(waited.map(excessOf)) };
}

function waitsOf(run: Run): MeasuredWait[] {
  const openCounts = new Map<string | undefined, (atUs: number) => number>();
  const open = (limit: string | undefined, atUs: number): number => {
    const count = openCounts.get(limit) ?? createOpenCounter(run.calls.filter((call) => mayUse(call, limit)));
    openCounts.set(limit, count);
    return count(atUs);
  };
  return findRetries(run).flatMap((retry): MeasuredWait[] => {
    const { refused, next, gapUs } = retry;
    if (refused.admitAfterUs === undefined) return [];
    const sentUs = refused.headersUs ?? refused.endUs;
    const admissibleUs = refused.startUs + refused.admitAfterUs - sentUs;
    const drainUs = open(refused.deniedBy, refused.endUs) * timePerRequestUs(retry, run);
    const toldUs = refused.retryAfterUs ?? refused.resetUs ?? 0;
    return [{ next, gapUs, neededUs: Math.max(1000, toldUs, admissibleUs, drainUs) }];
  });
}

/** Whether a call competes for a limit: one of its attempts did, or it has sent none yet. */
function mayUse({ attempts }: Call, limit: string | undefined): boolean {
  return attempts.length === 0 || attempts.some(({ limits }) => limits.some((view) => view.limit === limit));
}

/** The time in which the limit that refused admits one more such request. */
function timePerRequestUs({ refused }: Retry, { header }: Run): number {
  const limit = limitsOf(header.scenario).find(({ name }) => name === refused.deniedBy);
  const rate = limit && sustainedRate(limit.spec);
  const cost = refused.limits.find((one) => one.limit === refused.deniedBy)?.cost ?? 1;
  return rate ? (cost * rate.periodUs) / rate.amount : 0;
}

function at95(values: readonly number[]): number {
  return percentile(ascending(values), 95);
}
