import { sustainedRate } from '../../../mock-server/admission/period.ts';
import { formatDuration } from '../../../mock-server/duration.ts';
import { type Retry, retriesOf } from '../attempts.ts';
import { attributionGap, undecided } from '../finding.ts';
import { percentile } from '../percentile.ts';
import type { Run } from '../run-view.ts';
import type { Evidence, Finding, Judge } from '../verdict.ts';

const THRESHOLD = 'warn p(95) > 2 × and > 10 s, fail > 5 × and > 60 s';
const NEEDED = 5;
const WARN = { times: 2, excessUs: 10_000_000 };
const FAIL = { times: 5, excessUs: 60_000_000 };

/** A wait, and how long it had to be. */
interface Waited extends Retry {
  readonly neededUs: number;
}

/**
 * Does it wait much longer than it has to? (`backoff.md` 3.28.) A wait had to be as long as the client was told, as the
 * limiter needed, or as all the calls that were open then take to be let in one after another: to spread over that is right.
 */
export const overWaits: Judge = {
  id: 'over-waits',
  question: 'Does it wait much longer than it has to?',
  defaultSeverity: 'warn',
  judge(run: Run): Finding {
    const gap = attributionGap(run, THRESHOLD);
    if (gap) return gap;
    const waited = retriesOf(run).flatMap((retry) => neededFor(retry, run));
    const common = { unit: 'times as long', threshold: THRESHOLD, n: waited.length, needed: NEEDED };
    if (waited.length === 0)
      return undecided('not-applicable', { ...common, reason: 'No refusal was followed by another attempt.' });
    if (waited.length < NEEDED) {
      const reason = `${waited.length} waits were seen; ${NEEDED} are needed.`;
      return undecided('inconclusive', { ...common, reason, advice: 'Run longer, or with more load.' });
    }
    return { ...common, ...verdictOn(waited) };
  },
};

function neededFor(retry: Retry, run: Run): Waited[] {
  const { refused } = retry;
  if (refused.admitAfterUs === undefined) return [];
  const sentUs = refused.headersUs ?? refused.endUs;
  const roomUs = refused.startUs + refused.admitAfterUs - sentUs;
  const neededUs = Math.max(1000, refused.retryAfterUs ?? 0, roomUs, drainUs(retry, run));
  return [{ ...retry, neededUs }];
}

/** The time in which the limit that refused lets in as many calls as were open then. */
function drainUs({ refused }: Retry, { header, calls }: Run): number {
  const limit = header.scenario.provider.limits.find(({ name }) => name === refused.deniedBy);
  const rate = limit && sustainedRate(limit.spec);
  const cost = refused.limits.find((one) => one.limit === refused.deniedBy)?.cost ?? 1;
  if (!rate) return 0;
  const open = calls.filter(({ startUs, endUs }) => startUs <= refused.endUs && endUs >= refused.endUs).length;
  return (open * cost * rate.periodUs) / rate.amount;
}

function verdictOn(waited: readonly Waited[]): Omit<Finding, 'unit' | 'threshold' | 'n' | 'needed'> {
  const times = at95(waited.map(({ gapUs, neededUs }) => gapUs / neededUs));
  const excessUs = at95(waited.map(({ gapUs, neededUs }) => gapUs - neededUs));
  const beyond = (bound: typeof WARN): boolean => times > bound.times && excessUs > bound.excessUs;
  const status = beyond(FAIL) ? 'fail' : beyond(WARN) ? 'warn' : 'pass';
  const worst = waited.toSorted((a, b) => b.gapUs - b.neededUs - (a.gapUs - a.neededUs)).slice(0, 10);
  return {
    status,
    figure: times,
    evidence: status === 'pass' ? [] : worst.map(evidenceOf),
    reason: `At p(95) a wait was ${times.toFixed(1)} times as long as it had to be, ${formatDuration(Math.max(0, excessUs))} too long.`,
    advice:
      status === 'pass'
        ? ''
        : 'Cap the wait, and let Retry-After decide where it is sent; spread over seconds, not minutes.',
  };
}

function at95(values: readonly number[]): number {
  return percentile(
    values.toSorted((a, b) => a - b),
    95,
  );
}

function evidenceOf({ call, next, gapUs, neededUs }: Waited): Evidence {
  const what = `waited ${formatDuration(gapUs)} where ${formatDuration(neededUs)} would have done`;
  return { call: call.id, attempt: next.id, atUs: next.startUs, what };
}
