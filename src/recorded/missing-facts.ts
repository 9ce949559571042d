import type { CallAttempts } from '../attribution/group-by-call.ts';
import type { JoinedBy } from '../journal/call-records.ts';
import type { MissingFact } from '../journal/record.ts';
import type { RecordedAttempt } from './recorded-attempt.ts';

/** Up to this share of attempts may lack a fact; results from the others are still valid. */
const MAX_SHARE_WITHOUT = 0.05;
/** With a resolution this coarse, different waits look equal. */
const MIN_COARSE_US = 100_000;
/** Rungs that prove that the same request was sent. */
const SAME_REQUEST_RUNGS: readonly JoinedBy[] = ['idempotency', 'retry-count', 'body-hash'];

/** Returns the facts that a recording lacks. No recording has limits or the caller's results. */
export function findMissingFacts(
  attempts: readonly RecordedAttempt[],
  groups: readonly CallAttempts<RecordedAttempt>[],
): MissingFact[] {
  const replied = attempts.filter(({ outcome }) => outcome === 'response');
  const charged = attempts.filter(({ status }) => status >= 200 && status < 300);
  const lacksBodies = groups.some(({ attempts, by }) =>
    attempts.some(
      (attempt) =>
        attempts.length > 1 && attempt.bodyHash === undefined && !SAME_REQUEST_RUNGS.includes(by.get(attempt)!),
    ),
  );
  const facts: [MissingFact, boolean][] = [
    ['limits', true],
    ['caller', true],
    ['durations', isOftenMissing(replied, ({ endUs }) => endUs !== undefined)],
    ['fine-clock', finestResolutionUs(attempts) >= MIN_COARSE_US],
    ['bodies', lacksBodies || attempts.every(({ bodyHash }) => bodyHash === undefined)],
    ['request-headers', isOftenMissing(attempts, ({ hasHeaders }) => hasHeaders)],
    ['tokens', isOftenMissing(charged, ({ promptTokens }) => promptTokens !== undefined)],
    ['inner-attempts', attempts.some(({ whole }) => whole)],
  ];
  return facts.filter(([, missing]) => missing).map(([fact]) => fact);
}

/** Returns the finest resolution of the recorded times in microseconds, as trailing zeros may be missing. */
export function finestResolutionUs(attempts: readonly RecordedAttempt[]): number {
  return attempts.reduce((finest, { resolutionUs }) => Math.min(finest, resolutionUs), Infinity);
}

/** Whether more than `MAX_SHARE_WITHOUT` of the attempts lack the fact. */
function isOftenMissing(attempts: readonly RecordedAttempt[], has: (attempt: RecordedAttempt) => boolean): boolean {
  return attempts.filter((attempt) => !has(attempt)).length > attempts.length * MAX_SHARE_WITHOUT;
}
