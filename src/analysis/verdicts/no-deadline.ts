import { formatDuration } from '../../../mock-server/duration.ts';
import { clearest } from '../judging/clearest.ts';
import { type Decision, defineJudge, neverArose, proof } from '../judging/define-judge.ts';
import { duration, number } from '../judging/verdict-setting.ts';
import { isAdmitted } from '../run/attempts.ts';
import type { Attempt, Call } from '../run/run-view.ts';
import { median } from '../statistics/percentile.ts';

/**
 * How long may one call take? (`backoff.md` 3.14.) Over calls that met nothing but silence and refusals. The timeout of one
 * attempt is the one that was given here, else the one by which the client gave up on silence.
 */
export const noDeadline = defineJudge({
  id: 'no-deadline',
  question: 'Is there a limit to how long a call may take?',
  severity: 'warn',
  about: 'calls',
  unit: 's for the longest call',
  settings: {
    fail: duration(600_000_000, 'a call that takes longer fails'),
    warnTimes: number(1.5, 'times the timeout of one attempt above which it warns'),
    timeout: duration(
      Infinity,
      'the timeout that the client was given; found from attempts that it gave up, if absent',
    ),
  },
  threshold: ({ fail, warnTimes }) => `warn > ${warnTimes} × the timeout of an attempt, fail > ${formatDuration(fail)}`,
  decide(run, { fail, warnTimes, timeout }) {
    const unanswered = run.calls.filter(({ attempts }) => attempts.length > 0 && !attempts.some(isAdmitted));
    const n = unanswered.length;
    if (n === 0) return neverArose('No call met nothing but silence and refusals.');
    const longest = unanswered.reduce((most, call) => (lasted(call) > lasted(most) ? call : most));
    const timeoutUs = timeout < Infinity ? timeout : (timeoutOf(unanswered) ?? Infinity);
    const elapsedUs = lasted(longest);
    const times = elapsedUs / timeoutUs;
    const status = elapsedUs > fail ? 'fail' : times > warnTimes ? 'warn' : 'pass';
    if (status === 'pass' && longest.result === 'open') return stillOpen(longest, n);
    return {
      status,
      n,
      needed: 1,
      figure: elapsedUs / 1e6,
      evidence: clearest(
        unanswered.filter((call) => lasted(call) > fail || lasted(call) / timeoutUs > warnTimes),
        lasted,
      ).map((call) =>
        proof(call.attempts.at(-1)!, `${call.attempts.length} attempts in ${formatDuration(lasted(call))}`),
      ),
      reason:
        `A call that was never answered took ${formatDuration(elapsedUs)} in ${longest.attempts.length === 1 ? 'one attempt' : `${longest.attempts.length} attempts`}` +
        (timeoutUs < Infinity ? `: ${times.toFixed(2)} × the timeout of ${formatDuration(timeoutUs)}.` : '.'),
      advice:
        'Give the call a deadline over all its attempts (AbortSignal.timeout around the whole), not only each attempt a timeout.',
    };
  },
});

function stillOpen(call: Call, n: number): Decision {
  const reason = `A call that was not answered was still open after ${formatDuration(lasted(call))}, when the run ended.`;
  return { status: 'inconclusive', n, needed: n + 1, reason, advice: 'Let the run last longer than a call may.' };
}

const lasted = ({ startUs, endUs }: Call): number => endUs - startUs;

/** The time after which the client gives up on silence, where it did nothing else in a call, twice or more in all. */
function timeoutOf(unanswered: readonly Call[]): number | undefined {
  const silent = unanswered.filter(({ attempts }) => attempts.every(isSilent)).flatMap(({ attempts }) => attempts);
  const waited = silent.map(({ startUs, endUs }) => endUs - startUs).filter((us) => us > 0);
  if (waited.length < 2) return undefined;
  const usual = median(waited);
  const near = waited.filter((us) => Math.abs(us - usual) <= 0.02 * usual).length;
  return near >= waited.length / 2 ? usual : undefined;
}

function isSilent({ outcome, headersUs }: Attempt): boolean {
  return outcome === 'aborted' && headersUs === undefined;
}
