import type { AttemptTrace } from './attempt-trace.ts';
import { outcomeKnownUs, resolutionOf, retryWindowUs } from './ending.ts';
import type { RetryWaits, WaitRange } from './waits.ts';

/** A failure that the next attempt of its call may follow. */
interface PendingRetry<Attempt extends AttemptTrace> {
  readonly range: WaitRange;
  /** Whether a retry is certain to follow. */
  readonly isCertain: boolean;
  /** Absent if the failure itself may belong to several calls. */
  readonly call: CallCandidate<Attempt> | undefined;
}

interface CallCandidate<Attempt extends AttemptTrace> {
  readonly attempts: Attempt[];
  /** Another call may have made one of its attempts. */
  isAmbiguous: boolean;
}

/**
 * Joins attempts with one body that several calls sent, by the waits that their client shows elsewhere: after each failure
 * the next attempt arrives within a known range. An attempt in no range starts a call; the only attempt in exactly one range
 * continues that call; any other attempt is joined to no call, and the calls that it may belong to are dropped. `sameBody` is
 * in order of start.
 */
export function joinByWait<Attempt extends AttemptTrace>(sameBody: readonly Attempt[], waits: RetryWaits): Attempt[][] {
  const calls: CallCandidate<Attempt>[] = [];
  let pending: PendingRetry<Attempt>[] = [];
  for (const [index, attempt] of sameBody.entries()) {
    pending = pending.filter(({ range }) => range.toUs >= attempt.startUs);
    const due = pending.filter(({ range }) => range.fromUs <= attempt.startUs);
    const [only] = due;
    let call: CallCandidate<Attempt> | undefined;
    if (!only) {
      call = { attempts: [], isAmbiguous: false };
      calls.push(call);
    } else if (due.length === 1 && only.isCertain && only.call && isOnlyInRange(sameBody, index, only.range)) {
      call = only.call;
      pending.splice(pending.indexOf(only), 1);
    } else {
      for (const { call: candidate } of due) if (candidate) candidate.isAmbiguous = true;
    }
    call?.attempts.push(attempt);
    const next = pendingRetryAfter(attempt, call, waits);
    if (next) pending.push(next);
  }
  return calls.filter(({ isAmbiguous }) => !isAmbiguous).map(({ attempts }) => attempts);
}

/** Whether the attempt at `index` is the only one in the range. */
function isOnlyInRange(sameBody: readonly AttemptTrace[], index: number, { fromUs, toUs }: WaitRange): boolean {
  const previousUs = sameBody[index - 1]?.startUs ?? -Infinity;
  const nextUs = sameBody[index + 1]?.startUs ?? Infinity;
  return previousUs < fromUs && nextUs > toUs;
}

function pendingRetryAfter<Attempt extends AttemptTrace>(
  attempt: Attempt,
  call: CallCandidate<Attempt> | undefined,
  waits: RetryWaits,
): PendingRetry<Attempt> | undefined {
  const next = call ? waits.after(attempt, call.attempts.length) : waits.afterAny(attempt);
  if (next === 'never') return undefined;
  if (next !== 'unknown') return { range: next, isCertain: true, call };
  const failedUs = outcomeKnownUs(attempt);
  return {
    range: { fromUs: failedUs - resolutionOf(attempt), toUs: failedUs + retryWindowUs(attempt) },
    isCertain: false,
    call,
  };
}
