import type { Random } from '../random.ts';
import type { RetryAfterPolicy } from '../reply-settings.ts';
import type { AdmissionCheck } from './admission.ts';
import { sustainedRate } from './limit-rate.ts';

/** The wait that a refusal requests, and its format on the wire; `literal` carries verbatim header values. */
export type RequestedWait =
  | { readonly in: 'seconds' | 'milliseconds' | 'http-date'; readonly waitUs: number }
  | { readonly in: 'literal'; readonly text?: string; readonly ms?: string };

/**
 * Returns the requested wait of a refusal by policy (`backoff.md` section 5); undefined for no header. `messageWaitUs` is the
 * wait in the provider's message; if it is `Infinity`, waiting cannot help, and only literal policies and `past-date` send a
 * header. `slot` and `spread` record promised slots on the bucket: `slot` returns the next free one, `spread` a random time
 * before it.
 */
export function requestedWait(
  policy: RetryAfterPolicy,
  refused: AdmissionCheck,
  messageWaitUs: number,
  nowUs: number,
  random: Random,
): RequestedWait | undefined {
  const { resetUs } = refused.decision;
  // Where no wait helps, some providers still state one.
  const retryAfterUs = refused.decision.retryAfterUs === Infinity ? messageWaitUs : refused.decision.retryAfterUs;
  if (typeof policy === 'object') return literalWait(policy);
  if (policy === 'past-date') return { in: 'http-date', waitUs: -PAST_DATE_AGE_US };
  if (policy === 'none' || messageWaitUs === Infinity) return undefined;
  switch (policy) {
    case 'next-token':
      return { in: 'milliseconds', waitUs: retryAfterUs };
    case 'ceil-seconds':
      return { in: 'seconds', waitUs: messageWaitUs };
    case 'window-end':
      return { in: 'seconds', waitUs: resetUs };
    case 'http-date':
      return { in: 'http-date', waitUs: messageWaitUs };
    case 'slot':
      return { in: 'milliseconds', waitUs: promiseSlot(refused, retryAfterUs, nowUs) };
    case 'spread': {
      const drainedUs = promiseSlot(refused, retryAfterUs, nowUs);
      return { in: 'milliseconds', waitUs: Math.ceil(retryAfterUs + random() * (drainedUs - retryAfterUs)) };
    }
  }
}

/** Age of the date that the `past-date` policy sends. */
const PAST_DATE_AGE_US = 30_000_000;

function literalWait({ literal, literalMs }: Exclude<RetryAfterPolicy, string>): RequestedWait {
  return {
    in: 'literal',
    ...(literal !== undefined && { text: literal }),
    ...(literalMs !== undefined && { ms: literalMs }),
  };
}

/** Promises the next free slot after all earlier promises, and returns the wait until it. */
function promiseSlot({ bucket, cost }: AdmissionCheck, retryAfterUs: number, nowUs: number): number {
  const rate = sustainedRate(bucket.bound.limit.spec);
  const slotUs = rate ? Math.ceil((cost * rate.periodUs) / rate.amount) : 0;
  const earliestUs = nowUs + retryAfterUs;
  bucket.promisedUntilUs = Math.max(earliestUs, bucket.promisedUntilUs + slotUs);
  return bucket.promisedUntilUs - nowUs;
}
