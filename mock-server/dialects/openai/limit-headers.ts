import type { Admission, AdmissionCheck } from '../../admission/admission.ts';
import { isGrowthLimit, limitAmount, sustainedRate } from '../../admission/limit-rate.ts';
import type { ReplySettings } from '../../reply-settings.ts';
import { goDuration } from './go-duration.ts';

/** The header triples (limit, remaining, reset) by what they count. */
type Triple = (typeof TRIPLES)[number];

const TRIPLES = ['requests', 'tokens', 'project-tokens'] as const;

export const LIMIT_HEADER_NAMES: readonly string[] = TRIPLES.flatMap((triple) =>
  ['limit', 'remaining', 'reset'].map((part) => `x-ratelimit-${part}-${triple}`),
);

/**
 * Returns the `x-ratelimit-*` headers of a reply. Each triple shows the limit with the longest period, as in captures of
 * models with a daily limit (`wire.md` 1.5), or the one with the smallest share left; on a refusal, the limit that
 * refused. All three values of a triple come from one bucket.
 */
export function rateLimitHeaders(
  { admit, checks, reported }: Admission,
  nowUs: number,
  show: ReplySettings['headersShow'],
): Record<string, string> {
  const rank = show === 'longest' ? periodOf : shareUsed;
  const shown = new Map<Triple, AdmissionCheck>();
  for (const check of checks) {
    const triple = tripleOf(check);
    const other = triple && shown.get(triple);
    if (triple && (!other || rank(check) > rank(other))) shown.set(triple, check);
  }
  const refusing = reported && tripleOf(reported);
  if (reported && refusing) shown.set(refusing, reported);
  const headers: Record<string, string> = {};
  for (const [triple, { bucket, decision }] of shown) {
    const { limit, limiter } = bucket.bound;
    // A refusal charges nothing, so read the current level of limits that would have admitted.
    const level = admit || !decision.admit ? decision : limiter.check(bucket.state, nowUs, 0);
    headers[`x-ratelimit-limit-${triple}`] = String(limitAmount(limit.spec));
    headers[`x-ratelimit-remaining-${triple}`] = String(level.remaining);
    headers[`x-ratelimit-reset-${triple}`] = goDuration(level.resetUs);
  }
  return headers;
}

function tripleOf({ bucket }: AdmissionCheck): Triple | undefined {
  const { unit, scope, spec } = bucket.bound.limit;
  if (isGrowthLimit(spec)) return undefined;
  if (unit === 'requests') return 'requests';
  if (unit === 'tokens') return scope.includes('project') ? 'project-tokens' : 'tokens';
  return undefined;
}

function shareUsed({ bucket, decision }: AdmissionCheck): number {
  // A limit that admits nothing has nothing left.
  return 1 - decision.remaining / Math.max(1, limitAmount(bucket.bound.limit.spec));
}

function periodOf({ bucket }: AdmissionCheck): number {
  return sustainedRate(bucket.bound.limit.spec)?.periodUs ?? 0;
}
