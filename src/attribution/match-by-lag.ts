import type { ProviderView } from '../../mock-server/reply.ts';
import type { JoinedBy } from '../journal/call-records.ts';
import { isNew, type KnownCall } from './open-calls.ts';

/** The call that an attempt belongs to, and the rung that shows it. */
export interface MatchedCall {
  readonly call: KnownCall;
  readonly by: JoinedBy;
}

/** If the first attempts of calls take longer than this, the client queues its calls: their start times prove nothing. */
const MAX_LAG_US = 50_000;

/**
 * Waiting calls × lag at most. A waiting call retries within a given 20 ms with a chance of a few percent (waits are half a
 * second and more), so it is this unlikely that a retry arrives just when another call has started.
 */
const MAX_WAITING_CALLS_LAG_US = 20_000;

/**
 * Returns the one of several open calls with the same prompt that could have sent an attempt at `startUs`, by these facts:
 * a call has one attempt in flight at a time; the retry count is the number of earlier attempts; the first attempt follows
 * the start of its call within `lagUs`, the longest lag of recent calls; retries send the same body. If two calls remain,
 * returns undefined and marks all candidates: from then on each may have an unmatched attempt.
 */
export function matchByLag(
  samePrompt: readonly KnownCall[],
  { retryCount, bodyHash }: ProviderView,
  startUs: number,
  lagUs: number | undefined,
): MatchedCall | undefined {
  const candidates = samePrompt.filter((call) => !isInFlight(call, startUs) && fitsRetryCount(call, retryCount));
  const matched =
    onlyCandidate(candidates, retryCount) ??
    matchByStartTime(candidates, startUs, lagUs, retryCount === 0) ??
    matchByBody(candidates, bodyHash);
  if (!matched) for (const call of candidates) call.mayHaveUnmatchedAttempt = true;
  return matched;
}

function isInFlight({ lastAttempt }: KnownCall, us: number): boolean {
  return lastAttempt !== undefined && lastAttempt.startUs <= us && us < lastAttempt.endUs;
}

function fitsRetryCount({ lastAttempt, mayHaveUnmatchedAttempt }: KnownCall, retryCount: number | undefined): boolean {
  if (retryCount === undefined || mayHaveUnmatchedAttempt) return true;
  return retryCount === 0 ? lastAttempt === undefined : lastAttempt?.retryCount === retryCount - 1;
}

function onlyCandidate(candidates: readonly KnownCall[], retryCount: number | undefined): MatchedCall | undefined {
  if (candidates.length !== 1) return undefined;
  return { call: candidates[0]!, by: retryCount === undefined ? 'prompt' : 'retry-count' };
}

/** `isFirst`: the attempt's retry count says that it is the first of its call. */
function matchByStartTime(
  candidates: readonly KnownCall[],
  startUs: number,
  lagUs = Infinity,
  isFirst: boolean,
): MatchedCall | undefined {
  if (lagUs > MAX_LAG_US) return undefined;
  const fresh = candidates.filter((call) => isNew(call) && startUs - call.startedUs <= lagUs);
  const waiting = candidates.filter((call) => !isNew(call));
  if (fresh.length === 1 && (isFirst || waiting.length * lagUs <= MAX_WAITING_CALLS_LAG_US)) {
    return { call: fresh[0]!, by: 'prompt' };
  }
  return fresh.length === 0 && waiting.length === 1 ? { call: waiting[0]!, by: 'prompt' } : undefined;
}

/** Matches if one call has sent this body and all attempts of the other calls are known and sent other bodies. */
function matchByBody(candidates: readonly KnownCall[], bodyHash: string): MatchedCall | undefined {
  const possible = candidates.filter(
    ({ bodies, mayHaveUnmatchedAttempt }) =>
      mayHaveUnmatchedAttempt || bodies.length === 0 || bodies.includes(bodyHash),
  );
  const [only] = possible;
  return possible.length === 1 && only!.bodies.includes(bodyHash) ? { call: only!, by: 'body-hash' } : undefined;
}
