import type { Random } from '../../mock-server/random.ts';

/**
 * How a wait v is randomised. `none`: v. `full`: U(0, v). `equal`: v/2 + U(0, v/2). `decorrelated`: U(base, 3 × the
 * previous wait), at most the cap. `times`: v × U(low, high); ±20 % is 0.8 to 1.2. `plus`: v + U(0, most). `from`: U(least, v).
 * (`backoff.md` 1.1)
 */
export type Jitter =
  | { readonly kind: 'none' | 'full' | 'equal' | 'decorrelated' }
  | { readonly kind: 'times'; readonly low: number; readonly high: number }
  | { readonly kind: 'plus'; readonly mostUs: number }
  | { readonly kind: 'from'; readonly leastUs: number };

/** How a client uses Retry-After. */
export interface RetryAfterUse {
  /** `milliseconds`: `retry-after-ms` first, then `retry-after`. */
  readonly reads: 'nothing' | 'seconds' | 'milliseconds';
  /** `instead`: it replaces the client's own wait. `floor`: the longer of the two is used. */
  readonly as: 'instead' | 'floor';
  /** Whether jitter is added to it. */
  readonly jittered: boolean;
  /** The longest requested wait that the client obeys; null for no maximum. */
  readonly longestUs: number | null;
  /** For a longer requested wait: the client's own wait, no retry, or a wait of `longestUs`. */
  readonly beyond: 'own' | 'stop' | 'clip';
}

/** A status code, or a class of them. */
export type Statuses = number | '4xx' | '5xx';

/** When a client retries. The wait before retry k, from 0, is v = min(cap, base × factor^k), with jitter applied. */
export interface RetryPolicy {
  /** Retries after the first attempt; null for unlimited. */
  readonly max: number | null;
  readonly statuses: readonly Statuses[];
  /** Whether client timeouts and broken connections are retried. */
  readonly connection: boolean;
  readonly baseUs: number;
  readonly factor: number;
  readonly capUs: number | null;
  readonly jitter: Jitter;
  readonly retryAfter: RetryAfterUse;
}

/** A failed attempt, as the client observes it. `status` is undefined if there was no reply. */
export interface Failure {
  readonly status: number | undefined;
  /** `retry-after` in seconds and `retry-after-ms`, if sent and numeric. */
  readonly seconds?: number | undefined;
  readonly milliseconds?: number | undefined;
}

/**
 * Returns the wait before the next attempt, in microseconds, or null to give up. `retry` counts retries from 0;
 * `previousWaitUs` is the wait before this attempt, for decorrelated jitter.
 */
export function nextWaitUs(
  policy: RetryPolicy,
  retry: number,
  failure: Failure,
  random: Random,
  previousWaitUs: number,
): number | null {
  if (policy.max !== null && retry >= policy.max) return null;
  if (!isRetryable(policy, failure.status)) return null;
  const { retryAfter } = policy;
  const requestedUs = requestedWaitUs(retryAfter, failure);
  if (requestedUs === undefined) return backoffUs(policy, retry, random, previousWaitUs);
  const longestUs = retryAfter.longestUs ?? Infinity;
  if (requestedUs > longestUs) {
    if (retryAfter.beyond === 'stop') return null;
    if (retryAfter.beyond === 'own') return backoffUs(policy, retry, random, previousWaitUs);
  }
  const obeyed = Math.min(requestedUs, longestUs);
  if (retryAfter.as === 'instead')
    return retryAfter.jittered ? applyJitter(policy, obeyed, random, previousWaitUs) : obeyed;
  if (retryAfter.jittered)
    return applyJitter(policy, Math.max(obeyed, baseBackoffUs(policy, retry)), random, previousWaitUs);
  return Math.max(obeyed, backoffUs(policy, retry, random, previousWaitUs));
}

function isRetryable({ statuses, connection }: RetryPolicy, status: number | undefined): boolean {
  if (status === undefined) return connection;
  const statusClass = status >= 500 ? '5xx' : '4xx';
  return statuses.includes(status) || statuses.includes(statusClass);
}

function requestedWaitUs({ reads }: RetryAfterUse, { seconds, milliseconds }: Failure): number | undefined {
  if (reads === 'nothing') return undefined;
  if (reads === 'milliseconds' && milliseconds !== undefined) return milliseconds * 1000;
  return seconds === undefined ? undefined : seconds * 1e6;
}

function baseBackoffUs({ baseUs, factor, capUs }: RetryPolicy, retry: number): number {
  return Math.min(capUs ?? Infinity, baseUs * factor ** retry);
}

function backoffUs(policy: RetryPolicy, retry: number, random: Random, previousWaitUs: number): number {
  return applyJitter(policy, baseBackoffUs(policy, retry), random, previousWaitUs);
}

function applyJitter(
  { jitter, baseUs, capUs }: RetryPolicy,
  us: number,
  random: Random,
  previousWaitUs: number,
): number {
  switch (jitter.kind) {
    case 'none':
      return us;
    case 'full':
      return random() * us;
    case 'equal':
      return us / 2 + (random() * us) / 2;
    case 'decorrelated': {
      const most = Math.max(baseUs, 3 * (previousWaitUs || baseUs));
      return Math.min(capUs ?? Infinity, baseUs + random() * (most - baseUs));
    }
    case 'times':
      return us * (jitter.low + random() * (jitter.high - jitter.low));
    case 'plus':
      return us + random() * jitter.mostUs;
    case 'from':
      return Math.min(us, jitter.leastUs) + random() * Math.max(0, us - jitter.leastUs);
  }
}
