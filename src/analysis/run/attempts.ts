import { type AttemptFacts, type Ending, type EndingFacts, endingKind, endingOf } from '../../../mock-server/ending.ts';
import { memoizeByRun } from './memoize-by-run.ts';
import type { Attempt, Call } from './run-view.ts';

export { type EndingKind, endingKind, endingOf, isAdmitted, isAnswered } from '../../../mock-server/ending.ts';

/** Returns whether a limit refused the attempt, for a while or for good (`backoff.md` 3.0). */
export function isRejected(facts: EndingFacts): boolean {
  const kind = endingKind(facts);
  return kind === 'refused' || kind === 'spent';
}

/** Returns whether the server failed the attempt in a way that passes: neither a refusal nor a client error. */
export function isOverload(facts: AttemptFacts): boolean {
  const kind = endingKind(facts);
  if (kind !== 'overloaded' && kind !== 'failed') return kind === 'unreadable';
  return endingOf(facts).again !== 'unknown';
}

/** Returns why a retry of the same request cannot succeed; undefined if it may. */
export function nonRetryableReason(
  attempt: AttemptFacts,
): 'mistake' | 'billing' | 'should-not-retry' | 'too large' | undefined {
  const kind = endingKind(attempt);
  if (kind === 'answered' || endingOf(attempt).again !== 'never') return undefined;
  if (attempt.shouldRetry === false) return 'should-not-retry';
  return NEVER_AGAIN[kind];
}

/** Why an ending is final, apart from what its reply says about retries. */
const NEVER_AGAIN: Readonly<Partial<Record<Ending['kind'], 'mistake' | 'billing' | 'too large'>>> = {
  rejected: 'mistake',
  spent: 'billing',
  refused: 'too large',
};

/** A refusal and the next attempt of the same call at the same provider. */
export interface Retry {
  readonly call: Call;
  readonly refused: Attempt;
  readonly next: Attempt;
  /** The client's wait, from when the head of the refusal was sent. */
  readonly gapUs: number;
}

/** Returns every retry after a refusal, in order of call and attempt. */
export const findRetries = memoizeByRun((run): readonly Retry[] => {
  const retries: Retry[] = [];
  for (const call of run.calls) {
    const { attempts } = call;
    for (const [index, refused] of attempts.entries()) {
      if (!isRejected(refused)) continue;
      const next = attempts.find(({ provider }, later) => later > index && provider === refused.provider);
      if (next) retries.push({ call, refused, next, gapUs: waitBeforeUs(refused, next) });
    }
  }
  return retries;
});

/**
 * Returns the wait between two attempts: from the head of a reply whose status told how it ended, else from the end, such as
 * that of a stream that broke.
 */
export function waitBeforeUs(before: Attempt, next: Attempt): number {
  const isToldByStatus = before.outcome === 'response' && (before.status < 200 || before.status >= 300);
  return next.startUs - (isToldByStatus ? (before.headersUs ?? before.endUs) : before.endUs);
}

/** Returns the attempts not joined to a call. */
export const findUnattributed = memoizeByRun((run): readonly Attempt[] =>
  run.attempts.filter(({ call }) => call === null),
);
