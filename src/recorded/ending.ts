import type { Seen } from './seen.ts';

const S_US = 1_000_000;
/** The longest that a retry is looked for; SDKs wait no longer (`backoff.md` 1.4). */
export const LONGEST_WAIT_US = 120 * S_US;
const RETRYABLE = new Set([408, 409, 425, 429, 500, 502, 503, 504, 529]);

export function succeeded({ outcome, sight: { status } }: Seen): boolean {
  return outcome === 'response' && status >= 200 && status < 300;
}

/** Whether what ended so may be tried again (`backoff.md` 3.0); `x-should-retry` overrides. */
export function mayBeRetried({ outcome, sight }: Seen): boolean {
  if (outcome !== 'response') return true;
  return sight.shouldRetry ?? RETRYABLE.has(sight.status);
}

/** How long after its end a request is still followed by its own retry (`backoff.md` section 2). */
export function retryWindowUs({ sight: { retryAfterUs } }: Seen): number {
  return Math.min(LONGEST_WAIT_US, 2 * (retryAfterUs ?? 0) + 10 * S_US);
}

/** When it had ended; where that was not recorded, when it began. */
export function endOf({ startUs, endUs }: Seen): number {
  return endUs ?? startUs;
}
