import { isBillingError } from '../../../mock-server/dialects/any-dialect.ts';
import { isAnswered } from '../../../mock-server/exchange.ts';
import { memoizeByRun } from './memoize-by-run.ts';
import type { Attempt, Call } from './run-view.ts';

/** Error codes that make a 503 equivalent to a 429 (`wire.md` 1.6). */
const RATE_LIMIT_CODES = new Set(['rate_limit_exceeded', 'slow_down']);

/** Returns whether a limit refused the attempt: 429, or 503 with a rate-limit code (`backoff.md` 3.0). */
export function isRejected({ status, errorCode, outcome }: Pick<Attempt, 'status' | 'errorCode' | 'outcome'>): boolean {
  if (outcome !== 'response') return false;
  return status === 429 || (status === 503 && errorCode !== undefined && RATE_LIMIT_CODES.has(errorCode));
}

/** Returns whether the attempt was admitted by the limits and answered without a fault. */
export const isAdmitted: (attempt: Pick<Attempt, 'status' | 'outcome'>) => boolean = isAnswered;

/** Client errors that a retry cannot fix. */
const NON_RETRYABLE_STATUSES = new Set([400, 401, 403, 404, 405, 413, 422]);

/** Returns why a retry of the same request cannot succeed; undefined if it may. */
export function nonRetryableReason(
  attempt: Attempt,
): 'mistake' | 'billing' | 'should-not-retry' | 'too large' | undefined {
  const { outcome, status, errorCode, errorType, shouldRetry, deniedBy, admitAfterUs } = attempt;
  if (outcome !== 'response') return undefined;
  if (shouldRetry === false) return 'should-not-retry';
  if (NON_RETRYABLE_STATUSES.has(status)) return 'mistake';
  if (status !== 429) return undefined;
  if (isBillingError(errorCode) || isBillingError(errorType)) return 'billing';
  return deniedBy !== undefined && admitAfterUs === undefined ? 'too large' : undefined;
}

/** Statuses of transient server errors (`backoff.md` 3.24). */
const TRANSIENT_STATUSES = new Set([408, 500, 502, 503, 504, 529]);

/** Returns whether the attempt got a transient server error: neither a refusal nor a client error. */
export function isOverload(attempt: Attempt): boolean {
  return attempt.outcome === 'response' && TRANSIENT_STATUSES.has(attempt.status) && !isRejected(attempt);
}

/** A refusal and the next attempt of the same call. */
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
    for (let index = 0; index + 1 < attempts.length; index++) {
      const refused = attempts[index]!;
      const next = attempts[index + 1]!;
      if (isRejected(refused)) retries.push({ call, refused, next, gapUs: waitBeforeUs(refused, next) });
    }
  }
  return retries;
});

/** Returns the wait between two attempts, from when the head of the reply was sent, or from the end without a reply. */
export function waitBeforeUs(before: Attempt, next: Attempt): number {
  return next.startUs - (before.headersUs ?? before.endUs);
}

/** Returns the attempts not joined to a call. */
export const findUnattributed = memoizeByRun((run): readonly Attempt[] =>
  run.attempts.filter(({ call }) => call === null),
);
