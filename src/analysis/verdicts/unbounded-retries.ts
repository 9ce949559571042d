import { formatDuration } from '../../../mock-server/duration.ts';
import { MOST_EVIDENCE } from '../judging/clearest.ts';
import { type Decision, defineJudge, neverArose, proof, tooLittle } from '../judging/define-judge.ts';
import { flag, number } from '../judging/verdict-setting.ts';
import { isAdmitted } from '../run/attempts.ts';
import type { Call } from '../run/run-view.ts';

/** Between attempts that are so far apart, a job may wait on purpose. */
const PATIENT_GAP_US = 30_000_000;

/**
 * Is there an end to trying? (`backoff.md` 3.8.) The most attempts that one call made, and calls that had not given up when
 * the run ended. To pass, a call must have been seen giving up.
 */
export const unboundedRetries = defineJudge({
  id: 'unbounded-retries',
  question: 'Is there an end to trying?',
  severity: 'warn',
  about: 'calls',
  unit: 'attempts in one call',
  settings: {
    warn: number(5, 'attempts in one call above which it warns'),
    fail: number(10, 'attempts in one call above which it fails'),
    stillTrying: number(8, 'attempts from which on a call that is open at the end fails'),
    patient: flag(false, 'jobs mean to wait: attempts more than 30 s apart are right'),
  },
  threshold: ({ warn, fail, stillTrying }) =>
    `warn > ${warn}, fail > ${fail}, or ≥ ${stillTrying} and still trying at the end`,
  decide(run, { warn, fail, stillTrying, patient }) {
    const retried = run.calls.filter((call) => call.attempts.length > 1 && !(patient && isPatient(call)));
    const gaveUp = run.calls.filter(({ result, attempts }) => result === 'error' && attempts.length > 0);
    const n = gaveUp.length;
    if (retried.length === 0) {
      return n > 0 ? ended(n, 1) : neverArose('No call needed a second attempt.');
    }
    const longest = retried.reduce((most, call) => (call.attempts.length > most.attempts.length ? call : most));
    const stuck = retried.filter(({ result, attempts }) => result === 'open' && attempts.length >= stillTrying);
    const most = longest.attempts.length;
    if (stuck.length > 0 || most > warn) {
      const status = most > fail || stuck.length > 0 ? 'fail' : 'warn';
      return { status, n: retried.length, needed: 1, ...without(longest, stuck) };
    }
    if (n > 0) return ended(n, most);
    return tooLittle(
      0,
      1,
      `No call made more than ${most} attempts, but none had to give up: nobody has seen the end.`,
      'Let a fault or a shut limit last for longer than the client is patient.',
    );
  },
});

function isPatient({ attempts }: Call): boolean {
  return attempts.every((attempt, index) => {
    const before = attempts[index - 1];
    return !before || attempt.startUs - before.endUs > PATIENT_GAP_US;
  });
}

function ended(n: number, most: number): Decision {
  const times = most === 1 ? 'one attempt' : `${most} attempts`;
  return { status: 'pass', n, needed: 1, figure: most, reason: `Calls gave up after ${times} at the most.` };
}

function without(longest: Call, stuck: readonly Call[]): Pick<Decision, 'figure' | 'evidence' | 'reason' | 'advice'> {
  const most = longest.attempts.length;
  const trying = stuck.length === 0 ? '' : `; ${stuck.length} calls were still trying when the run ended`;
  return {
    figure: most,
    evidence: [longest, ...stuck.filter((call) => call !== longest)].slice(0, MOST_EVIDENCE).map(evidenceOf),
    reason: `One call made ${most} attempts${trying}.`,
    advice: 'Give a call a deadline, or three to five attempts: beyond that nobody waits for the answer any more.',
  };
}

function evidenceOf(call: Call): ReturnType<typeof proof> {
  const last = call.attempts.at(-1)!;
  const lasted = formatDuration(last.endUs - call.startUs);
  const end = isAdmitted(last) ? 'was answered' : call.result === 'open' ? 'had not ended' : 'failed';
  return proof(last, `${call.attempts.length} attempts in ${lasted}, and ${end}`);
}
