import { isAdmitted, isAnswered } from '../../mock-server/ending.ts';
import type { AttemptTrace } from './attempt-trace.ts';

const S_US = 1_000_000;
/** Longest wait before a retry; no SDK waits longer (`backoff.md` 1.4). */
export const MAX_WAIT_US = 120 * S_US;
const RETRYABLE = new Set([408, 409, 425, 429, 500, 502, 503, 504, 529]);

/**
 * Whether a client may retry after this attempt (`backoff.md` 3.0); `x-should-retry` overrides the status. A 2xx reply may be
 * retried if its body is an error, is cut off, or cannot be read.
 */
export function isRetryable(attempt: AttemptTrace): boolean {
  const { outcome, shouldRetry, status } = attempt;
  if (outcome !== 'response') return true;
  return shouldRetry ?? (RETRYABLE.has(status) || (isAdmitted(attempt) && !isAnswered(attempt)));
}

/** Returns how long after the end of an attempt its retry may start, in microseconds (`backoff.md` section 2). */
export function retryWindowUs({ retryAfterUs }: AttemptTrace): number {
  return Math.min(MAX_WAIT_US, 2 * (retryAfterUs ?? 0) + 10 * S_US);
}

/** Returns when the attempt ended; its start if the end was not recorded. */
export function endOf({ startUs, endUs }: AttemptTrace): number {
  return endUs ?? startUs;
}

/** Returns when the client knew the outcome: at the head of a reply whose status tells it, else at the end of the attempt. */
export function outcomeKnownUs(attempt: AttemptTrace): number {
  const isToldByStatus = attempt.outcome === 'response' && (isAnswered(attempt) || !isAdmitted(attempt));
  return isToldByStatus ? (attempt.headersUs ?? endOf(attempt)) : endOf(attempt);
}

/** A provider may notice the end of a request, above all of an aborted one, after the client has sent the next. */
const PROVIDER_RESOLUTION_US = 10_000;

/** Returns how many microseconds before the recorded end of this attempt its retry may have started. */
export function resolutionOf({ resolutionUs }: AttemptTrace): number {
  return resolutionUs ?? PROVIDER_RESOLUTION_US;
}
