import type { JoinedBy } from '../journal/call-records.ts';
import type { AttemptTrace } from './attempt-trace.ts';
import { endOf, isRetryable, MAX_WAIT_US, outcomeKnownUs, resolutionOf } from './ending.ts';

/** Room for jitter and inexact clocks. */
const SLACK_US = 30_000_000;

/** Consecutive attempts of one call, joined by one rung. */
export interface AttemptChain<Attempt extends AttemptTrace> {
  readonly attempts: readonly Attempt[];
  readonly by: JoinedBy;
}

interface OpenChain<Attempt extends AttemptTrace> {
  readonly attempts: Attempt[];
  /** Another call may have made one of its attempts. */
  isAmbiguous: boolean;
}

/**
 * Joins attempts, given in order of start, by `x-stainless-retry-count` (or a resend count): attempt n continues the only
 * open call of the same key and body whose last attempt was n − 1 and retryable. If several calls fit, the attempt is joined
 * to none and these calls are dropped. If no call fits, the call began before the recording, and the attempt is dropped.
 */
export function joinByCount<Attempt extends AttemptTrace>(
  attempts: readonly Attempt[],
): { chains: AttemptChain<Attempt>[]; uncounted: Attempt[] } {
  const allChains: OpenChain<Attempt>[] = [];
  const openChains = new Map<string, OpenChain<Attempt>[]>();
  const uncounted: Attempt[] = [];
  for (const attempt of attempts) {
    const { retryCount } = attempt;
    if (retryCount === undefined) {
      uncounted.push(attempt);
      continue;
    }
    const request = `${attempt.host} ${attempt.key} ${attempt.bodyHash}`;
    const open = (openChains.get(request) ?? []).filter(
      (chain) => endOf(chain.attempts.at(-1)!) + MAX_WAIT_US + SLACK_US >= attempt.startUs,
    );
    const candidates = retryCount === 0 ? [] : open.filter((chain) => mayPrecede(chain.attempts.at(-1)!, attempt));
    const [only] = candidates;
    if (only && candidates.length === 1) only.attempts.push(attempt);
    else {
      for (const chain of candidates) chain.isAmbiguous = true;
      const chain = { attempts: [attempt], isAmbiguous: retryCount > 0 };
      allChains.push(chain);
      open.push(chain);
    }
    openChains.set(request, open);
  }
  const chains = allChains
    .filter(({ isAmbiguous }) => !isAmbiguous)
    .map((chain): AttemptChain<Attempt> => ({ attempts: chain.attempts, by: 'retry-count' }));
  return { chains, uncounted };
}

function mayPrecede(last: AttemptTrace, next: AttemptTrace): boolean {
  const resolutionUs = Math.max(resolutionOf(last), resolutionOf(next));
  return (
    last.retryCount === next.retryCount! - 1 && isRetryable(last) && outcomeKnownUs(last) <= next.startUs + resolutionUs
  );
}
