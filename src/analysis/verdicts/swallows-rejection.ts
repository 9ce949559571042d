import { defineJudge, neverArose, proof } from '../judging/define-judge.ts';
import { isAdmitted } from '../run/attempts.ts';
import type { Attempt, Call } from '../run/run-view.ts';

/**
 * Did a refused call come back as a success? (`backoff.md` 3.23.) A call that is reported as done although none of its
 * attempts was answered, or that is empty although one was. One is proof.
 */
export const swallowsRejection = defineJudge({
  id: 'swallows-rejection',
  question: 'Does a refused call come back as a success?',
  severity: 'error',
  about: 'calls',
  unit: 'calls',
  settings: {},
  threshold: () => 'fail: one',
  decide(run) {
    const unanswered = run.calls.filter(
      ({ result, attempts }) => result !== 'open' && attempts.length > 0 && !attempts.some(isAdmitted),
    );
    const emptied = run.calls.filter(isEmptied);
    const n = unanswered.length + emptied.length;
    if (n === 0) return neverArose('Every call that ended was answered.');
    const swallowed = unanswered.filter(({ result, fallback }) => result === 'ok' && !fallback);
    const wrong = [...swallowed, ...emptied];
    return {
      status: wrong.length > 0 ? 'fail' : 'pass',
      n,
      needed: 1,
      figure: wrong.length,
      evidence: wrong.map((call) => proof(call.attempts.at(-1)!, whatOf(call))),
      reason:
        wrong.length === 0
          ? `${n} calls were never answered, and each said so.`
          : `${wrong.length} of ${n} calls came back as done without an answer.`,
      advice: 'Throw when the last attempt was refused; what stands in for an answer must say so (fallback: true).',
    };
  },
});

/** The answer had text, and what the caller got is empty. */
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

function whatOf({ attempts, outputSize }: Call): string {
  const last = attempts.at(-1)!;
  const got = outputSize === undefined ? '' : `, with ${outputSize === 0 ? 'nothing' : `${outputSize} characters`}`;
  if (isAdmitted(last)) return `the answer had ${last.answerChars} characters, and the caller got none`;
  const times = attempts.length === 1 ? 'its attempt' : `all ${attempts.length} attempts`;
  return `${times} ended with ${nameOf(last)}, and the call was done${got}`;
}

function nameOf({ outcome, status, errorCode }: Attempt): string {
  if (outcome !== 'response') return outcome === 'reset' ? 'a reset' : 'silence';
  return errorCode === undefined ? String(status) : `${status} ${errorCode}`;
}
