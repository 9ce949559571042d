import { Temporal } from 'temporal-polyfill';
import type { Admission, Check } from '../../admission/admission.ts';
import { amountOf } from '../../admission/period.ts';

/** How one bucket stands, as far as a header tells it. */
interface Standing {
  readonly amount: number;
  readonly remaining: number;
  readonly resetUs: number;
}

const KINDS = ['requests', 'tokens', 'input-tokens', 'output-tokens'] as const;

/**
 * `anthropic-ratelimit-*`: limit, remaining (of tokens, in thousands) and the moment of the reset (`wire.md` 2.2). Where
 * there are limits on input and on output, but none on both, `tokens` is their sum.
 */
export function rateLimitHeaders(admission: Admission, nowUs: number): Record<string, string> {
  const standings = new Map<string, Standing>();
  for (const check of admission.checks)
    standings.set(check.bucket.bound.limit.unit, standingOf(check, admission, nowUs));
  const input = standings.get('input-tokens');
  const output = standings.get('output-tokens');
  if (input && output && !standings.has('tokens')) standings.set('tokens', sumOf(input, output));
  const headers: Record<string, string> = {};
  for (const kind of KINDS) {
    const standing = standings.get(kind);
    if (!standing) continue;
    const { amount, remaining, resetUs } = standing;
    headers[`anthropic-ratelimit-${kind}-limit`] = String(amount);
    headers[`anthropic-ratelimit-${kind}-remaining`] = String(kind === 'requests' ? remaining : thousands(remaining));
    headers[`anthropic-ratelimit-${kind}-reset`] = rfc3339(nowUs + resetUs);
  }
  return headers;
}

function standingOf({ bucket, decision }: Check, { admit }: Admission, nowUs: number): Standing {
  const { limit, limiter } = bucket.bound;
  // Nothing was charged on a refusal, so a limit that would have admitted stands as it is.
  const { remaining, resetUs } = admit || !decision.admit ? decision : limiter.check(bucket.state, nowUs, 0);
  return { amount: amountOf(limit.spec), remaining, resetUs };
}

function sumOf(a: Standing, b: Standing): Standing {
  return {
    amount: a.amount + b.amount,
    remaining: a.remaining + b.remaining,
    resetUs: Math.max(a.resetUs, b.resetUs),
  };
}

function thousands(tokens: number): number {
  return Math.round(tokens / 1000) * 1000;
}

/** RFC 3339 in whole seconds, rounded up: `2025-08-21T12:41:00Z`. */
function rfc3339(us: number): string {
  return Temporal.Instant.fromEpochMilliseconds(Math.ceil(us / 1e6) * 1000).toString();
}
