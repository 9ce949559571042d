import { defineJudge, notApplicable, proof } from '../judging/define-judge.ts';
import { isAdmitted } from '../run/attempts.ts';
import type { Attempt, Call } from '../run/run-view.ts';

/**
 * Detects refused calls that are reported as a success (`backoff.md` 3.23): none of their attempts was answered, or the output
 * is empty although the reply was not. One such call is proof.
 */
export const swallowsRejection = defineJudge({
  id: 'swallows-rejection',
  question: 'Is a refused call reported as a success?',
  severity: 'error',
  decidedBy: 'instance',
  arrange: 'Keep a limit closed or a fault active for longer than the client retries, so that calls fail.',
  about: 'calls',
  needs: { caller: 'always' },
  unit: 'calls',
  settings: {},
  threshold: () => 'fail > 0',
  decide(run) {
    const unanswered = run.calls.filter(
      ({ result, attempts }) => result !== 'open' && attempts.length > 0 && !attempts.some(isAdmitted),
    );
    const emptied = run.calls.filter(isEmptied);
    const n = unanswered.length + emptied.length;
    if (n === 0) return notApplicable('Every call that ended was answered.');
    const swallowed = unanswered.filter(({ result, fallback }) => result === 'ok' && !fallback);
    const wrong = [...swallowed, ...emptied];
    return {
      status: wrong.length > 0 ? 'fail' : 'pass',
      n,
      needed: 1,
      figure: wrong.length,
      evidence: wrong.map((call) => proof(call.attempts.at(-1)!, describeCall(call))),
      reason:
        wrong.length === 0
          ? `${n} calls were never answered, and each reported an error.`
          : `${wrong.length} of ${n} calls reported success without a reply.`,
      advice: 'Throw when the last attempt was refused; mark a substitute reply with fallback: true.',
    };
  },
});

/** The reply had text, but the caller received an empty one. */
function isEmptied({ result, outputSize, attempts, fallback }: Call): boolean {
  const last = attempts.at(-1);
  return (
    result === 'ok' &&
    outputSize === 0 &&
    !fallback &&
    last !== undefined &&
    isAdmitted(last) &&
    (last.answerChars ?? 0) > 0
  );
}

function describeCall({ attempts, outputSize }: Call): string {
  const last = attempts.at(-1)!;
  const got = outputSize === undefined ? '' : ` with ${outputSize === 0 ? 'no output' : `${outputSize} characters`}`;
  if (isAdmitted(last)) return `the reply had ${last.answerChars} characters, but the caller received none`;
  const times = attempts.length === 1 ? 'its only attempt' : `all ${attempts.length} attempts`;
  return `${times} ended with ${describeEnd(last)}, but the call succeeded${got}`;
}

function describeEnd({ outcome, status, errorCode }: Attempt): string {
  if (outcome !== 'response') return outcome === 'reset' ? 'a reset' : 'no reply';
  return errorCode === undefined ? String(status) : `${status} ${errorCode}`;
}
