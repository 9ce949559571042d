import type { Admission, Check } from '../../admission/admission.ts';
import { amountOf, sustainedRate } from '../../admission/period.ts';
import type { ProviderSettings } from '../../settings.ts';
import { goDuration } from './go-duration.ts';

/** The header triples the provider knows, by what they count. */
type Triple = 'requests' | 'tokens' | 'project-tokens';

/**
 * `x-ratelimit-*` of one reply: per dimension the limit with the longest period, as captures of models with a daily cap
 * show (`wire.md` 1.5), or the one with the smallest share left; but on a refusal the limit that refused. All three
 * figures of a triple are of one bucket.
 */
export function rateLimitHeaders(
  { admit, checks, reported }: Admission,
  nowUs: number,
  show: ProviderSettings['headersShow'],
): Record<string, string> {
  const rank = show === 'longest' ? periodOf : shareUsed;
  const shown = new Map<Triple, Check>();
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
    // Nothing was charged on a refusal, so a limit that would have admitted stands as it is.
    const standing = admit || !decision.admit ? decision : limiter.check(bucket.state, nowUs, 0);
    headers[`x-ratelimit-limit-${triple}`] = String(amountOf(limit.spec));
    headers[`x-ratelimit-remaining-${triple}`] = String(standing.remaining);
    headers[`x-ratelimit-reset-${triple}`] = goDuration(standing.resetUs);
  }
  return headers;
}

function tripleOf({ bucket }: Check): Triple | undefined {
  const { unit, scope } = bucket.bound.limit;
  if (unit === 'requests') return 'requests';
  if (unit === 'tokens') return scope.includes('project') ? 'project-tokens' : 'tokens';
  return undefined;
}

function shareUsed({ bucket, decision }: Check): number {
  return 1 - decision.remaining / amountOf(bucket.bound.limit.spec);
}

function periodOf({ bucket }: Check): number {
  return sustainedRate(bucket.bound.limit.spec)?.periodUs ?? 0;
}
