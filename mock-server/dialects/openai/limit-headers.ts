import type { Admission, Check } from '../../admission/admission.ts';
import { amountOf, sustainedRate } from '../../admission/period.ts';
import { goDuration } from './go-duration.ts';

/** The header triples the provider knows, by what they count. */
type Triple = 'requests' | 'tokens' | 'project-tokens';

/**
 * `x-ratelimit-*` of one reply: per dimension the limit with the longest period, as captures of models with a daily cap
 * show (`wire.md` 1.5), but on a refusal the limit that refused. All three figures of a triple are of one bucket.
 */
export function rateLimitHeaders({ admit, checks, reported }: Admission, nowUs: number): Record<string, string> {
  const shown = new Map<Triple, Check>();
  for (const check of checks) {
    const triple = tripleOf(check);
    const other = triple && shown.get(triple);
    if (triple && (!other || periodOf(check) > periodOf(other))) shown.set(triple, check);
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

function periodOf({ bucket }: Check): number {
  return sustainedRate(bucket.bound.limit.spec)?.periodUs ?? 0;
}
