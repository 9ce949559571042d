import { formatDuration } from '../../../mock-server/duration.ts';
import { formatMetric, round } from '../format.ts';
import { defineJudge, notApplicable, proof } from '../judging/define-judge.ts';
import { type Judgement, MAX_EVIDENCE } from '../judging/verdict.ts';
import { duration, number } from '../judging/verdict-setting.ts';
import { endingOf, isAnswered } from '../run/attempts.ts';
import { uncutCalls } from '../run/cut-calls.ts';
import type { Attempt, Call } from '../run/run-view.ts';
import { median } from '../statistics/percentile.ts';
import { topBy } from '../statistics/top-by.ts';

/**
 * Measures how long an unanswered call takes (`backoff.md` 3.14). The timeout of one attempt is the configured one, or else the
 * time after which the client aborted attempts without a reply.
 */
export const noDeadline = defineJudge({
  id: 'no-deadline',
  question: 'Does every call have a deadline?',
  severity: 'warn',
  decidedBy: 'instance',
  arrange: 'Add a fault (kind: hang), so that a reply never comes.',
  about: 'calls',
  needs: { durations: 'to-pass' },
  unit: 's for the longest call',
  settings: {
    fail: duration(600_000_000, 'fail when a call takes longer'),
    warnTimes: number(1.5, 'warn above this multiple of the attempt timeout'),
    timeout: duration(Infinity, 'attempt timeout of the client; default: measured from aborted attempts'),
  },
  threshold: ({ fail, warnTimes }) => `warn > ${warnTimes} × the attempt timeout, fail > ${formatDuration(fail)}`,
  decide(run, { fail, warnTimes, timeout }) {
    const unanswered = uncutCalls(run).filter(({ attempts }) => attempts.length > 0 && !attempts.some(isAnswered));
    const n = unanswered.length;
    if (n === 0) return notApplicable('No call stayed unanswered.');
    const longest = unanswered.reduce((most, call) => (durationUs(call) > durationUs(most) ? call : most));
    const timeoutUs = timeout < Infinity ? timeout : (timeoutOf(unanswered) ?? Infinity);
    const elapsedUs = durationUs(longest);
    const times = elapsedUs / timeoutUs;
    const status = elapsedUs > fail ? 'fail' : times > warnTimes ? 'warn' : 'pass';
    if (status === 'pass' && longest.result === 'open') return judgeOpenCall(longest, n);
    return {
      status,
      n,
      needed: 1,
      figure: elapsedUs / 1e6,
      evidence: topBy(
        unanswered.filter((call) => durationUs(call) > fail || durationUs(call) / timeoutUs > warnTimes),
        durationUs,
        MAX_EVIDENCE,
      ).map((call) => proof(call.attempts.at(-1)!, `${attemptsOf(call)} in ${formatMetric(durationUs(call))}`)),
      reason:
        `The longest unanswered call took ${formatMetric(elapsedUs)} and ${attemptsOf(longest)}` +
        (timeoutUs < Infinity ? `, ${round(times)}× the attempt timeout of ${formatMetric(timeoutUs)}.` : '.'),
      advice:
        'Give each call a deadline over all its attempts (AbortSignal.timeout around the whole call), not only a timeout per attempt.',
    };
  },
});

function judgeOpenCall(call: Call, n: number): Judgement {
  const reason = `An unanswered call was still open after ${formatMetric(durationUs(call))} when the run ended.`;
  return { status: 'inconclusive', n, needed: n + 1, reason, advice: 'Run longer than a call may take.' };
}

const durationUs = ({ startUs, endUs }: Call): number => endUs - startUs;

const attemptsOf = ({ attempts: { length } }: Call): string => (length === 1 ? 'one attempt' : `${length} attempts`);

/** The usual duration of attempts aborted without a reply, over calls with no other attempts; needs at least two. */
function timeoutOf(unanswered: readonly Call[]): number | undefined {
  const silent = unanswered.filter(({ attempts }) => attempts.every(isSilent)).flatMap(({ attempts }) => attempts);
  const waited = silent.map(({ startUs, endUs }) => endUs - startUs).filter((us) => us > 0);
  if (waited.length < 2) return undefined;
  const usual = median(waited);
  const near = waited.filter((us) => Math.abs(us - usual) <= 0.02 * usual).length;
  return near >= waited.length / 2 ? usual : undefined;
}

function isSilent(attempt: Attempt): boolean {
  const { kind, place } = endingOf(attempt);
  return kind === 'abandoned' && place === 'before-head';
}
