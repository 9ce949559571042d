import type { Random } from '../random.ts';
import type { RetryAfterPolicy } from '../settings.ts';
import type { Check } from './admission.ts';
import { sustainedRate } from './period.ts';

/** The wait a refusal asks for and the precision it is told in; `text` policies carry their own words. */
export type AskedWait =
  | { readonly in: 'seconds' | 'milliseconds' | 'http-date'; readonly waitUs: number }
  | { readonly in: 'words'; readonly text?: string; readonly ms?: string };

/**
 * What Retry-After says about a refusal, by policy (`backoff.md` section 5); undefined for no header. `toldUs` is the wait
 * in the provider's own message, `Infinity` where waiting cannot help: then no policy but words tells one. `slot` and
 * `spread` remember, on the bucket, the places they have promised: `slot` gives everybody the next free one, `spread` a
 * random moment up to it.
 */
export function askedWait(
  policy: RetryAfterPolicy,
  refused: Check,
  toldUs: number,
  nowUs: number,
  random: Random,
): AskedWait | undefined {
  const { retryAfterUs, resetUs } = refused.decision;
  if (typeof policy === 'object') return words(policy);
  if (policy === 'past-date') return { in: 'http-date', waitUs: -PAST_US };
  if (policy === 'none' || toldUs === Infinity) return undefined;
  switch (policy) {
    case 'next-token':
      return { in: 'milliseconds', waitUs: retryAfterUs };
    case 'ceil-seconds':
      return { in: 'seconds', waitUs: toldUs };
    case 'window-end':
      return { in: 'seconds', waitUs: resetUs };
    case 'http-date':
      return { in: 'http-date', waitUs: toldUs };
    case 'slot':
      return { in: 'milliseconds', waitUs: promiseSlot(refused, nowUs) };
    case 'spread': {
      const drainedUs = promiseSlot(refused, nowUs);
      return { in: 'milliseconds', waitUs: Math.ceil(retryAfterUs + random() * (drainedUs - retryAfterUs)) };
    }
  }
}

/** How long ago a date lies that a refusal gives by mistake. */
const PAST_US = 30_000_000;

function words({ literal, literalMs }: Exclude<RetryAfterPolicy, string>): AskedWait {
  return {
    in: 'words',
    ...(literal !== undefined && { text: literal }),
    ...(literalMs !== undefined && { ms: literalMs }),
  };
}

/** The wait until this refusal's own place in the queue of all that were refused before it and may still come back. */
function promiseSlot({ bucket, cost, decision }: Check, nowUs: number): number {
  const rate = sustainedRate(bucket.bound.limit.spec);
  const ownUs = rate ? Math.ceil((cost * rate.periodUs) / rate.amount) : 0;
  const earliestUs = nowUs + decision.retryAfterUs;
  bucket.promisedUntilUs = Math.max(earliestUs, bucket.promisedUntilUs + ownUs);
  return bucket.promisedUntilUs - nowUs;
}
