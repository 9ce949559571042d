import { hopelessness, isAdmitted, isOverload, isRejected } from '../analysis/run/attempts.ts';
import type { Attempt, Call } from '../analysis/run/run-view.ts';
import { round } from '../report/format.ts';
import { indented } from '../report/terminal/wrap.ts';
import { costliest, proofOfCalls, proofOfRefusals, WIDTH } from './call-proof.ts';
import type { Claim } from './claim.ts';
import type { Judged } from './judged.ts';

/** No call was reported as failed, and one at least has ended. */
export function noCallFails({ run }: Judged): Claim {
  const what = { says: 'to have no failed calls', denies: 'to have failed calls' };
  const ended = run.calls.filter(({ result }) => result !== 'open');
  const failed = ended.filter(({ result }) => result === 'error');
  if (ended.length === 0) return undecided(what, 'No call ended.', 'Let the load last longer than a call takes.');
  if (failed.length === 0) return { ...what, holds: true, seen: told(`${of(ended)} succeeded.`) };
  const seen = [
    ...told(`${failed.length} of ${of(ended)} failed.`),
    ...proofOfCalls(failed),
    ...advised(adviceFor(failed)),
  ];
  return { ...what, holds: false, seen };
}

/** Every call ended before the run did. */
export function everyCallEnds({ run }: Judged): Claim {
  const what = { says: 'to have no unfinished calls', denies: 'to have unfinished calls' };
  const open = run.calls.filter(({ result }) => result === 'open');
  if (run.calls.length === 0) return undecided(what, 'No call was made.', 'Look at the load: does it start anything?');
  if (open.length === 0) return { ...what, holds: true, seen: told(`${of(run.calls)} ended.`) };
  const longestFirst = open.toSorted((a, b) => a.startUs - b.startUs || a.id - b.id);
  const advice =
    'Give a call a deadline over all its attempts, or let the load leave time for its end (gracefulStop, 30s if left out).';
  const seen = [
    ...told(`${open.length} of ${of(run.calls)} had not ended when the run did.`),
    ...proofOfCalls(longestFirst),
    ...advised(advice),
  ];
  return { ...what, holds: false, seen };
}

/** No call makes more attempts than `most`; something must have gone wrong, else nobody has seen where trying ends. */
export function attemptsWithin({ run }: Judged, most: number): Claim {
  const says = `to stay within ${most} ${most === 1 ? 'attempt' : 'attempts'} a call`;
  const sent = run.calls.filter(({ attempts }) => attempts.length > 0);
  const beyond = costliest(sent.filter(({ attempts }) => attempts.length > most));
  const worst = costliest(sent)[0]?.attempts.length ?? 0;
  if (beyond.length > 0) {
    const retries = most === 1 ? 'none: maxRetries 0' : `${most - 1}: maxRetries ${most - 1}`;
    const advice = `Lower the retries of the client to ${retries} in most SDKs; a loop around the SDK multiplies them.`;
    return {
      says,
      holds: false,
      seen: [
        ...told(`${beyond.length} of ${of(sent)} made more, up to ${worst}.`),
        ...proofOfCalls(beyond),
        ...advised(advice),
      ],
    };
  }
  if (run.attempts.every(isAdmitted)) {
    const seen = run.attempts.length === 0 ? 'No attempt was made.' : `${run.attempts.length} attempts, all let in.`;
    return undecided({ says }, `${seen} Nobody has seen where trying ends.`, PROVOKE);
  }
  return { says, holds: true, seen: told(`${of(sent)} made ${worst} at the most.`) };
}

/** Attempts for each call that made any, over the run. */
export function amplificationWithin({ run }: Judged, most: number): Claim {
  const says = `to stay within ${round(most)} attempts for each call`;
  const sent = run.calls.filter(({ attempts }) => attempts.length > 0);
  const attempts = sent.reduce((sum, call) => sum + call.attempts.length, 0);
  const figure = attempts / sent.length;
  const seen = told(`${of(sent)} made ${attempts} attempts, ${round(figure)} each.`);
  if (figure > most)
    return { says, holds: false, seen: [...seen, ...proofOfCalls(costliest(sent)), ...advised(SEND_LESS)] };
  if (run.attempts.every(isAdmitted)) return undecided({ says }, 'Nothing was refused and nothing failed.', PROVOKE);
  return { says, holds: true, seen };
}

/** Some limit has refused something: the test is about what it means to be about. */
export function someAreRefused({ run }: Judged): Claim {
  const says = 'to be refused by a limit at least once';
  const refused = run.attempts.filter(isRejected);
  if (run.attempts.length === 0)
    return undecided({ says }, 'No attempt was made.', 'Does the client send to OPENAI_BASE_URL?');
  if (refused.length === 0) {
    const seen = told(`${run.attempts.length} attempts, none refused.`);
    return { says, holds: false, seen: [...seen, ...advised('Give the limits less refill, or the load more VUs.')] };
  }
  const seen = told(`${refused.length} of ${run.attempts.length} attempts were refused.`);
  return { says, holds: true, seen: [...seen, ...proofOfRefusals(refused), ...advised(SEND_LESS)] };
}

const PROVOKE =
  'Let the provider refuse or fail for as long as the client is patient: limits with less refill, or provider.faults.';
const SEND_LESS = 'Send less rather than again: pace calls in one queue at the rate of the quota.';

function adviceFor(failed: readonly Call[]): string {
  const lasts = failed.map(({ attempts }) => attempts.at(-1));
  const count = (is: (last: Attempt) => boolean): number => lasts.filter((last) => last && is(last)).length;
  const most = Math.max(count(isHopeless), count(isWaitable), count(isPassing));
  if (most === 0) return 'Look at the error: the provider has answered, or was not asked.';
  if (count(isHopeless) === most)
    return 'Look at the request: the provider will not take it, however often it is sent.';
  if (count(isWaitable) === most)
    return 'Wait as long as Retry-After says and try again until a deadline, or queue calls at the rate of the quota.';
  return 'Try again after faults that pass (408, 5xx, a broken connection), with a wait that grows.';
}

const isHopeless = (attempt: Attempt): boolean => hopelessness(attempt) !== undefined;
const isWaitable = (attempt: Attempt): boolean => isRejected(attempt) && !isHopeless(attempt);
const isPassing = (attempt: Attempt): boolean => isOverload(attempt) || attempt.outcome !== 'response';

function of(calls: readonly Call[]): string {
  return `${calls.length} ${calls.length === 1 ? 'call' : 'calls'}`;
}

function told(text: string): string[] {
  return indented(text, WIDTH, 4);
}

function advised(text: string): string[] {
  return indented(text, WIDTH, 6, '→ ');
}

function undecided(what: Pick<Claim, 'says' | 'denies'>, reason: string, advice: string): Claim {
  return { ...what, holds: undefined, seen: [...told(reason), ...advised(advice)] };
}
