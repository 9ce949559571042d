import { Temporal } from 'temporal-polyfill';
import type { Admission, AdmissionCheck } from '../../admission/admission.ts';
import { isGrowthLimit, limitAmount } from '../../admission/limit-rate.ts';

/** The state of a bucket that the headers show. */
interface BucketLevel {
  readonly amount: number;
  readonly remaining: number;
  readonly resetUs: number;
}

const KINDS = ['requests', 'tokens', 'input-tokens', 'output-tokens'] as const;

export const LIMIT_HEADER_NAMES: readonly string[] = KINDS.flatMap((kind) =>
  ['limit', 'remaining', 'reset'].map((part) => `anthropic-ratelimit-${kind}-${part}`),
);

/**
 * Returns `anthropic-ratelimit-*`: limit, remaining (tokens rounded to thousands) and reset time (`wire.md` 2.2). Several limits
 * of one unit show the one that refused, or the scarcest. If there are limits on input and output but not on total tokens,
 * `tokens` is their sum.
 */
export function rateLimitHeaders(admission: Admission, nowUs: number): Record<string, string> {
  const levels = new Map<string, BucketLevel>();
  const { checks, reported } = admission;
  for (const check of reported ? [...checks, reported] : checks) {
    const { unit, spec } = check.bucket.bound.limit;
    if (isGrowthLimit(spec)) continue;
    const level = levelOf(check, admission, nowUs);
    const other = levels.get(unit);
    if (!other || check === reported || share(level) < share(other)) levels.set(unit, level);
  }
  const input = levels.get('input-tokens');
  const output = levels.get('output-tokens');
  if (input && output && !levels.has('tokens')) levels.set('tokens', sumOf(input, output));
  const headers: Record<string, string> = {};
  for (const kind of KINDS) {
    const level = levels.get(kind);
    if (!level) continue;
    const { amount, remaining, resetUs } = level;
    headers[`anthropic-ratelimit-${kind}-limit`] = String(amount);
    headers[`anthropic-ratelimit-${kind}-remaining`] = String(kind === 'requests' ? remaining : thousands(remaining));
    headers[`anthropic-ratelimit-${kind}-reset`] = rfc3339(nowUs + resetUs);
  }
  return headers;
}

/** A limit that admits nothing has nothing left. */
const share = ({ remaining, amount }: BucketLevel): number => (amount === 0 ? 0 : remaining / amount);

function levelOf({ bucket, decision }: AdmissionCheck, { admit }: Admission, nowUs: number): BucketLevel {
  const { limit, limiter } = bucket.bound;
  // A refusal charges nothing, so read the current level of limits that would have admitted.
  const { remaining, resetUs } = admit || !decision.admit ? decision : limiter.check(bucket.state, nowUs, 0);
  return { amount: limitAmount(limit.spec), remaining, resetUs };
}

function sumOf(a: BucketLevel, b: BucketLevel): BucketLevel {
  return {
    amount: a.amount + b.amount,
    remaining: a.remaining + b.remaining,
    resetUs: Math.max(a.resetUs, b.resetUs),
  };
}

function thousands(tokens: number): number {
  return Math.round(tokens / 1000) * 1000;
}

/** Formats a time as RFC 3339 in whole seconds, rounded up: `2025-08-21T12:41:00Z`. */
function rfc3339(us: number): string {
  return Temporal.Instant.fromEpochMilliseconds(Math.ceil(us / 1e6) * 1000).toString();
}
