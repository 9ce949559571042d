import type { Trace } from './trace.ts';

const S_US = 1_000_000;
/** The longest that a retry is looked for; SDKs wait no longer (`backoff.md` 1.4). */
export const LONGEST_WAIT_US = 120 * S_US;
const RETRYABLE = new Set([408, 409, 425, 429, 500, 502, 503, 504, 529]);

/** Whether what ended so may be tried again (`backoff.md` 3.0); `x-should-retry` overrides. */
export function mayBeRetried({ outcome, shouldRetry, status }: Trace): boolean {
  if (outcome !== 'response') return true;
  return shouldRetry ?? RETRYABLE.has(status);
}

/** How long after its end a request is still followed by its own retry (`backoff.md` section 2). */
export function retryWindowUs({ retryAfterUs }: Trace): number {
  return Math.min(LONGEST_WAIT_US, 2 * (retryAfterUs ?? 0) + 10 * S_US);
}

/** When it had ended; where that was not recorded, when it began. */
export function endOf({ startUs, endUs }: Trace): number {
  return endUs ?? startUs;
}

/** When its client knew how it went: with the head of an answer, else at its end. */
export function toldUs(one: Trace): number {
  return one.outcome === 'response' ? (one.headersUs ?? endOf(one)) : endOf(one);
}

/** A provider may see that a request ended, above all one that was given up, after its client has sent the next. */
const PROVIDER_RESOLUTION_US = 10_000;

/** How much earlier than its end another request may stand that follows it. */
export function resolutionOf({ resolutionUs }: Trace): number {
  return resolutionUs ?? PROVIDER_RESOLUTION_US;
}
