import { isAnswered, isOverload, isRejected, nonRetryableReason } from '../analysis/run/attempts.ts';
import type { Attempt, Call } from '../analysis/run/run-view.ts';
import { round } from '../report/format.ts';
import { indented } from '../report/terminal/wrap.ts';
import type { AnalysedRun } from './analysed-run.ts';
import { callEvidenceLines, refusalEvidenceLines, sortByAttempts, WIDTH } from './call-evidence.ts';
import type { Claim } from './claim.ts';

/** No call failed, and at least one ended. */
export function noCallFails({ run }: AnalysedRun): Claim {
  const what = { expectation: 'to have no failed calls', negatedExpectation: 'to have failed calls' };
  const ended = run.calls.filter(({ result }) => result !== 'open');
  const failed = ended.filter(({ result }) => result === 'error');
  if (ended.length === 0) return inconclusive(what, 'No call ended.', 'Make the load longer than a call.');
  if (failed.length === 0) return { ...what, holds: true, details: detailLines(`${countCalls(ended)} succeeded.`) };
  const details = [
    ...detailLines(`${failed.length} of ${countCalls(ended)} failed.`),
    ...callEvidenceLines(failed),
    ...adviceLines(adviceFor(failed)),
  ];
  return { ...what, holds: false, details };
}

/** Every call ended before the run. */
export function everyCallEnds({ run }: AnalysedRun): Claim {
  const what = { expectation: 'to have no unfinished calls', negatedExpectation: 'to have unfinished calls' };
  const open = run.calls.filter(({ result }) => result === 'open');
  if (run.calls.length === 0) return inconclusive(what, 'No call was made.', 'Check that the load starts calls.');
  if (open.length === 0) return { ...what, holds: true, details: detailLines(`${countCalls(run.calls)} ended.`) };
  const longestFirst = open.toSorted((a, b) => a.startUs - b.startUs || a.id - b.id);
  const advice = 'Give each call a deadline over all its attempts, or set a longer gracefulStop (default 30s).';
  const details = [
    ...detailLines(`${open.length} of ${countCalls(run.calls)} were unfinished at the end of the run.`),
    ...callEvidenceLines(longestFirst),
    ...adviceLines(advice),
  ];
  return { ...what, holds: false, details };
}

/** No call makes more than `max` attempts. Inconclusive if no attempt failed, since retries were never needed. */
export function attemptsWithin({ run }: AnalysedRun, max: number): Claim {
  const expectation = `to stay within ${max} ${max === 1 ? 'attempt' : 'attempts'} per call`;
  const sent = run.calls.filter(({ attempts }) => attempts.length > 0);
  const beyond = sortByAttempts(sent.filter(({ attempts }) => attempts.length > max));
  const worst = sortByAttempts(sent)[0]?.attempts.length ?? 0;
  if (beyond.length > 0) {
    const retries = max - 1;
    const advice = `Lower the client's retries to ${retries} (maxRetries ${retries} in most SDKs). A loop around the SDK multiplies them.`;
    return {
      expectation,
      holds: false,
      details: [
        ...detailLines(`${beyond.length} of ${countCalls(sent)} made more, up to ${worst}.`),
        ...callEvidenceLines(beyond),
        ...adviceLines(advice),
      ],
    };
  }
  if (run.attempts.every(isAnswered)) {
    const details =
      run.attempts.length === 0 ? 'No attempt was made.' : `${run.attempts.length} attempts, all admitted.`;
    return inconclusive({ expectation }, `${details} The run does not show when retrying stops.`, PROVOKE_FAILURES);
  }
  return { expectation, holds: true, details: detailLines(`${countCalls(sent)} made at most ${worst}.`) };
}

/** The mean number of attempts per call, over calls with attempts, is at most `max`. Inconclusive if no attempt failed. */
export function amplificationWithin({ run }: AnalysedRun, max: number): Claim {
  const expectation = `to stay within an average of ${round(max)} attempts per call`;
  const sent = run.calls.filter(({ attempts }) => attempts.length > 0);
  const attempts = sent.reduce((sum, call) => sum + call.attempts.length, 0);
  const figure = attempts / sent.length;
  const details = detailLines(`${countCalls(sent)} made ${attempts} attempts, ${round(figure)} each.`);
  if (figure > max)
    return {
      expectation,
      holds: false,
      details: [...details, ...callEvidenceLines(sortByAttempts(sent)), ...adviceLines(SEND_LESS)],
    };
  if (run.attempts.every(isAnswered))
    return inconclusive({ expectation }, 'No attempt was refused or failed.', PROVOKE_FAILURES);
  return { expectation, holds: true, details };
}

/** A limit refused at least one attempt: guards a test against a run that never reaches the quota. */
export function someAreRefused({ run }: AnalysedRun): Claim {
  const expectation = 'to be refused by a limit at least once';
  const refused = run.attempts.filter(isRejected);
  if (run.attempts.length === 0)
    return inconclusive({ expectation }, 'No attempt was made.', 'Check that the client uses OPENAI_BASE_URL.');
  if (refused.length === 0) {
    const details = detailLines(`${run.attempts.length} attempts, none refused.`);
    return {
      expectation,
      holds: false,
      details: [...details, ...adviceLines('Lower the refill of the limits, or add VUs to the load.')],
    };
  }
  const details = detailLines(`${refused.length} of ${run.attempts.length} attempts were refused.`);
  return {
    expectation,
    holds: true,
    details: [...details, ...refusalEvidenceLines(refused), ...adviceLines(SEND_LESS)],
  };
}

const PROVOKE_FAILURES =
  'Make the provider refuse or fail until the client gives up: limits with less refill, or provider.faults.';
const SEND_LESS = 'Send fewer requests instead of retrying: pace calls in one queue at the rate of the quota.';

function adviceFor(failed: readonly Call[]): string {
  const lasts = failed.map(({ attempts }) => attempts.at(-1));
  const count = (is: (last: Attempt) => boolean): number => lasts.filter((last) => last && is(last)).length;
  const mostFrequent = Math.max(count(isHopeless), count(isWaitable), count(isTransient));
  if (mostFrequent === 0) return 'Check the error: the provider admitted the last attempt, or received no request.';
  if (count(isHopeless) === mostFrequent) return 'Fix the request: a retry cannot succeed.';
  if (count(isWaitable) === mostFrequent)
    return 'Wait for Retry-After and retry until a deadline, or queue calls at the rate of the quota.';
  return 'Retry transient errors (408, 5xx, broken connections) with a growing backoff.';
}

const isHopeless = (attempt: Attempt): boolean => nonRetryableReason(attempt) !== undefined;
const isWaitable = (attempt: Attempt): boolean => isRejected(attempt) && !isHopeless(attempt);
const isTransient = (attempt: Attempt): boolean => isOverload(attempt) || attempt.outcome !== 'response';

function countCalls(calls: readonly Call[]): string {
  return `${calls.length} ${calls.length === 1 ? 'call' : 'calls'}`;
}

function detailLines(text: string): string[] {
  return indented(text, WIDTH, 4);
}

function adviceLines(text: string): string[] {
  return indented(text, WIDTH, 6, '→ ');
}

function inconclusive(what: Pick<Claim, 'expectation' | 'negatedExpectation'>, reason: string, advice: string): Claim {
  return { ...what, holds: undefined, details: [...detailLines(reason), ...adviceLines(advice)] };
}
