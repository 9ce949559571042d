import { formatMetric } from '../format.ts';
import { defineJudge, notApplicable, proof } from '../judging/define-judge.ts';
import { type Judgement, MAX_EVIDENCE } from '../judging/verdict.ts';
import { flag, number } from '../judging/verdict-setting.ts';
import { isAnswered } from '../run/attempts.ts';
import { jobAtProviders } from '../run/by-provider.ts';
import { isCut } from '../run/cut-calls.ts';
import { type Job, jobsOf } from '../run/jobs.ts';

/** Attempts further apart than this may be a deliberate wait, as in background jobs. */
const PATIENT_GAP_US = 30_000_000;

/**
 * Checks that retries are bounded (`backoff.md` 3.8): the most attempts of one job, and jobs still retrying when the run ended. A
 * call is a job of its own unless its job is known; then the calls of a scheduler that tries again add up.
 */
export const unboundedRetries = defineJudge({
  id: 'unbounded-retries',
  question: 'Does it stop retrying?',
  severity: 'warn',
  decidedBy: 'instance',
  arrange: 'Keep a fault active or a limit closed for longer than the client retries.',
  about: 'calls',
  needs: { 'inner-attempts': 'to-pass' },
  unit: 'attempts',
  settings: {
    warn: number(5, 'warn above this many attempts in one call or job'),
    fail: number(10, 'fail above this many attempts in one call or job'),
    stillTrying: number(8, 'fail from this many attempts if the call or job is open at the end of the run'),
    patient: flag(false, 'accept calls and jobs whose attempts are more than 30 s apart, as in background jobs'),
  },
  threshold: ({ warn, fail, stillTrying }) =>
    `warn > ${warn}, fail > ${fail}, or ≥ ${stillTrying} and still retrying at the end`,
  decide(run, { warn, fail, stillTrying, patient }) {
    const jobs = jobsOf(run).flatMap(jobAtProviders);
    const retried = jobs.filter((job) => job.attempts.length > 1 && !(patient && isPatient(job)));
    const gaveUp = jobs.filter(({ result, attempts }) => result === 'error' && attempts.length > 0);
    if (retried.length === 0) {
      return gaveUp.length > 0 ? judgeBounded(gaveUp, gaveUp, 1) : notApplicable('No call was retried.');
    }
    const longest = retried.reduce((most, job) => (job.attempts.length > most.attempts.length ? job : most));
    const isCutShort = ({ calls }: Job): boolean => calls.some((call) => isCut(call, run));
    const stuck = retried.filter(
      (job) => job.result === 'open' && job.attempts.length >= stillTrying && !isCutShort(job),
    );
    const most = longest.attempts.length;
    if (stuck.length === 0 && most <= warn) return judgeBounded(retried, gaveUp, most);
    const status = most > fail || stuck.length > 0 ? 'fail' : 'warn';
    return { status, n: retried.length, needed: 1, ...judgeUnbounded(longest, stuck) };
  },
});

function isPatient({ attempts }: Job): boolean {
  return attempts.every((attempt, index) => {
    const before = attempts[index - 1];
    return !before || attempt.startUs - before.endUs > PATIENT_GAP_US;
  });
}

/** A job that succeeds after few attempts passes as well, but then nobody saw how many it would have made. */
function judgeBounded(retried: readonly Job[], gaveUp: readonly Job[], most: number): Judgement {
  const times = most === 1 ? 'one attempt' : `${most} attempts`;
  const reason =
    gaveUp.length > 0
      ? `Calls gave up after at most ${times}.`
      : `${retried.length} retried ${retried.length === 1 ? 'call' : 'calls'} made at most ${times}; none had to give up.`;
  return { status: 'pass', n: gaveUp.length || retried.length, needed: 1, figure: most, reason };
}

function judgeUnbounded(
  longest: Job,
  stuck: readonly Job[],
): Pick<Judgement, 'figure' | 'evidence' | 'reason' | 'advice'> {
  const most = longest.attempts.length;
  const unit = longest.calls.length > 1 ? 'job' : 'call';
  const which = stuck.length === 1 ? `1 ${unit} was` : `${stuck.length} ${unit}s were`;
  const trying = stuck.length === 0 ? '' : `; ${which} still retrying when the run ended`;
  const advice =
    unit === 'job'
      ? 'Limit each job by a deadline or a number of tries that lasts through restarts; then set it aside and tell somebody.'
      : 'Limit each call by a deadline or to 3 to 5 attempts; after that, nobody waits for the reply.';
  return {
    figure: most,
    evidence: [longest, ...stuck.filter((job) => job !== longest)].slice(0, MAX_EVIDENCE).map(evidenceOf),
    reason: `${most} attempts in one ${unit}${describeCalls(longest)}${trying}.`,
    advice,
  };
}

/** Names the job of several calls; empty for a single call. */
function describeCalls({ calls, name }: Job): string {
  if (calls.length === 1) return '';
  return name === undefined ? ` of ${calls.length} calls` : ` of ${calls.length} calls (${name})`;
}

function evidenceOf(job: Job): ReturnType<typeof proof> {
  const last = job.attempts.at(-1)!;
  const duration = formatMetric(last.endUs - job.startUs);
  const end = isAnswered(last) ? 'answered' : job.result === 'open' ? 'not finished' : 'failed';
  const calls = job.calls.length > 1 ? ` in ${job.calls.length} calls` : '';
  return proof(last, `${job.attempts.length} attempts${calls} in ${duration}, ${end}`);
}
