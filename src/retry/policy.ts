import type { Random } from '../../mock-server/random.ts';

/**
 * How a wait is spread. `none`: v. `full`: U(0, v). `equal`: v/2 + U(0, v/2). `decorrelated`: U(base, 3 × the wait
 * before), at most the cap. `times`: v × U(low, high), as ±20 % is 0.8 to 1.2. `plus`: v + U(0, most). `from`: U(least, v).
 * (`backoff.md` 1.1)
 */
export type Jitter =
  | { readonly kind: 'none' | 'full' | 'equal' | 'decorrelated' }
  | { readonly kind: 'times'; readonly low: number; readonly high: number }
  | { readonly kind: 'plus'; readonly mostUs: number }
  | { readonly kind: 'from'; readonly leastUs: number };

/** What a client makes of a Retry-After. */
export interface RetryAfterUse {
  /** `milliseconds`: `retry-after-ms` first, then `retry-after`. */
  readonly reads: 'nothing' | 'seconds' | 'milliseconds';
  /** `instead`: it is the wait. `floor`: the wait is the longer of it and the client's own. */
  readonly as: 'instead' | 'floor';
  /** Whether jitter comes on top of it. */
  readonly jittered: boolean;
  /** The longest that is obeyed, null for any, and what happens beyond: the client's own wait, none at all, or this. */
  readonly longestUs: number | null;
  readonly beyond: 'own' | 'stop' | 'clip';
}

/** One status, or a hundred of them. */
export type Statuses = number | '4xx' | '5xx';

/** When a client tries again. The wait before retry k, from 0, is v = min(cap, base × factor^k), spread and bounded. */
export interface RetryPolicy {
  /** Retries after the first attempt; null for no end. */
  readonly max: number | null;
  readonly statuses: readonly Statuses[];
  /** Whether a timeout of the client's own, or a connection that breaks, is retried. */
  readonly connection: boolean;
  readonly baseUs: number;
  readonly factor: number;
  readonly capUs: number | null;
  readonly jitter: Jitter;
  readonly retryAfter: RetryAfterUse;
}

/** How an attempt failed, as the client sees it. `status` is undefined where there was no answer. */
export interface Failure {
  readonly status: number | undefined;
  /** `retry-after` in seconds and `retry-after-ms`, where they were sent and are numbers. */
  readonly seconds?: number | undefined;
  readonly milliseconds?: number | undefined;
}

/**
 * The wait before the next attempt, in microseconds, or null to give up. `retry` counts retries from 0; `beforeUs` is
 * the wait before this attempt, for decorrelated jitter.
 */
export function nextWaitUs(
  policy: RetryPolicy,
  retry: number,
  failure: Failure,
  random: Random,
  beforeUs: number,
): number | null {
  if (policy.max !== null && retry >= policy.max) return null;
  if (!retries(policy, failure.status)) return null;
  const { retryAfter } = policy;
  const told = toldUs(retryAfter, failure);
  if (told === undefined) return ownWaitUs(policy, retry, random, beforeUs);
  const longestUs = retryAfter.longestUs ?? Infinity;
  if (told > longestUs) {
    if (retryAfter.beyond === 'stop') return null;
    if (retryAfter.beyond === 'own') return ownWaitUs(policy, retry, random, beforeUs);
  }
  const obeyed = Math.min(told, longestUs);
  if (retryAfter.as === 'instead') return retryAfter.jittered ? spread(policy, obeyed, random, beforeUs) : obeyed;
  if (retryAfter.jittered) return spread(policy, Math.max(obeyed, plainWaitUs(policy, retry)), random, beforeUs);
  return Math.max(obeyed, ownWaitUs(policy, retry, random, beforeUs));
}

function retries({ statuses, connection }: RetryPolicy, status: number | undefined): boolean {
  if (status === undefined) return connection;
  const hundred = status >= 500 ? '5xx' : '4xx';
  return statuses.includes(status) || statuses.includes(hundred);
}

function toldUs({ reads }: RetryAfterUse, { seconds, milliseconds }: Failure): number | undefined {
  if (reads === 'nothing') return undefined;
  if (reads === 'milliseconds' && milliseconds !== undefined) return milliseconds * 1000;
  return seconds === undefined ? undefined : seconds * 1e6;
}

function plainWaitUs({ baseUs, factor, capUs }: RetryPolicy, retry: number): number {
  return Math.min(capUs ?? Infinity, baseUs * factor ** retry);
}

function ownWaitUs(policy: RetryPolicy, retry: number, random: Random, beforeUs: number): number {
  return spread(policy, plainWaitUs(policy, retry), random, beforeUs);
}

function spread({ jitter, baseUs, capUs }: RetryPolicy, us: number, random: Random, beforeUs: number): number {
  switch (jitter.kind) {
    case 'none':
      return us;
    case 'full':
      return random() * us;
    case 'equal':
      return us / 2 + (random() * us) / 2;
    case 'decorrelated': {
      const most = Math.max(baseUs, 3 * (beforeUs || baseUs));
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
