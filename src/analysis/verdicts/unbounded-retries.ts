import { formatDuration } from '../../../mock-server/duration.ts';
import { defineJudge, inconclusive, notApplicable, proof } from '../judging/define-judge.ts';
import { type Judgement, MAX_EVIDENCE } from '../judging/verdict.ts';
import { flag, number } from '../judging/verdict-setting.ts';
import { isAdmitted } from '../run/attempts.ts';
import type { Call } from '../run/run-view.ts';

/** Attempts further apart than this may be a deliberate wait, as in background jobs. */
const PATIENT_GAP_US = 30_000_000;

/**
 * Checks that retries are bounded (`backoff.md` 3.8): the maximum attempts of one call, and calls still retrying when the run
 * ended. The verdict passes only if at least one call gave up.
 */
export const unboundedRetries = defineJudge({
  id: 'unbounded-retries',
  question: 'Does it stop retrying?',
  severity: 'warn',
  decidedBy: 'instance',
  arrange: 'Keep a fault active or a limit closed for longer than the client retries.',
  about: 'calls',
  needs: { 'inner-attempts': 'to-pass' },
  unit: 'attempts in one call',
  settings: {
    warn: number(5, 'warn above this many attempts in one call'),
    fail: number(10, 'fail above this many attempts in one call'),
    stillTrying: number(8, 'fail from this many attempts if the call is open at the end of the run'),
    patient: flag(false, 'accept calls whose attempts are more than 30 s apart, as in background jobs'),
  },
  threshold: ({ warn, fail, stillTrying }) =>
    `warn > ${warn}, fail > ${fail}, or ≥ ${stillTrying} and still retrying at the end`,
  decide(run, { warn, fail, stillTrying, patient }) {
    const retried = run.calls.filter((call) => call.attempts.length > 1 && !(patient && isPatient(call)));
    const gaveUp = run.calls.filter(({ result, attempts }) => result === 'error' && attempts.length > 0);
    const n = gaveUp.length;
    if (retried.length === 0) {
      return n > 0 ? judgeEnded(n, 1) : notApplicable('No call was retried.');
    }
    const longest = retried.reduce((most, call) => (call.attempts.length > most.attempts.length ? call : most));
    const stuck = retried.filter(({ result, attempts }) => result === 'open' && attempts.length >= stillTrying);
    const most = longest.attempts.length;
    if (stuck.length > 0 || most > warn) {
      const status = most > fail || stuck.length > 0 ? 'fail' : 'warn';
      return { status, n: retried.length, needed: 1, ...judgeUnbounded(longest, stuck) };
    }
    if (n > 0) return judgeEnded(n, most);
    return inconclusive(
      0,
      1,
      `Up to ${most} attempts per call, but no call gave up, so the end of retries was not observed.`,
      'Keep a fault active or a limit closed for longer than the client retries.',
    );
  },
});

function isPatient({ attempts }: Call): boolean {
  return attempts.every((attempt, index) => {
    const before = attempts[index - 1];
    return !before || attempt.startUs - before.endUs > PATIENT_GAP_US;
  });
}

function judgeEnded(n: number, most: number): Judgement {
  const times = most === 1 ? 'one attempt' : `${most} attempts`;
  return { status: 'pass', n, needed: 1, figure: most, reason: `Calls gave up after at most ${times}.` };
}

function judgeUnbounded(
  longest: Call,
  stuck: readonly Call[],
): Pick<Judgement, 'figure' | 'evidence' | 'reason' | 'advice'> {
  const most = longest.attempts.length;
  const trying = stuck.length === 0 ? '' : `; ${stuck.length} calls were still retrying when the run ended`;
  return {
    figure: most,
    evidence: [longest, ...stuck.filter((call) => call !== longest)].slice(0, MAX_EVIDENCE).map(evidenceOf),
    reason: `${most} attempts in one call${trying}.`,
    advice: 'Limit each call by a deadline or to 3 to 5 attempts; after that, nobody waits for the reply.',
  };
}

function evidenceOf(call: Call): ReturnType<typeof proof> {
  const last = call.attempts.at(-1)!;
  const duration = formatDuration(last.endUs - call.startUs);
  const end = isAdmitted(last) ? 'answered' : call.result === 'open' ? 'not finished' : 'failed';
  return proof(last, `${call.attempts.length} attempts in ${duration}, ${end}`);
}
